package io.pgseam.record;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** A message that holds many rows. Connect gives it back when Kafka has it, and then tells how many rows Kafka has. */
public final class PackedRecord extends SourceRecord {

    private final int rows;
    private final long hash;
    private final byte @Nullable [] rowKey;

    /**
     * @param key the bucket of its rows
     * @param value the rows
     * @param rows how many there are
     * @param hash the sum of their hashes, see {@link MessageHash}; of copied rows only
     * @param rowKey the key of its only row, for messages about it; null if it has none, or if there are several rows
     */
    public PackedRecord(
            Map<String, ?> partition,
            Map<String, ?> offset,
            String topic,
            byte[] key,
            byte[] value,
            int rows,
            long hash,
            byte @Nullable [] rowKey) {
        super(partition, offset, topic, null, Schema.OPTIONAL_BYTES_SCHEMA, key, Schema.OPTIONAL_BYTES_SCHEMA, value);
        this.rows = rows;
        this.hash = hash;
        this.rowKey = rowKey;
    }

    /** How many rows a record holds, whatever it is. */
    public static int rowsOf(SourceRecord record) {
        return record instanceof PackedRecord packed ? packed.rows : 1;
    }

    /** The sum of its rows' hashes, if they were copied. */
    public long hash() {
        return hash;
    }

    byte @Nullable [] rowKey() {
        return rowKey;
    }

    /** The same message with other offsets. */
    PackedRecord at(Map<String, ?> partition, Map<String, ?> offset) {
        return new PackedRecord(partition, offset, topic(), (byte[]) key(), (byte[]) value(), rows, hash, rowKey);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PackedRecord packed && rows == packed.rows && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
