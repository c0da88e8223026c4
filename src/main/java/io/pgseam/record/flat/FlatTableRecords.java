package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.json.JsonBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Records in the flat format, one for each row: key and value are JSON objects as UTF-8 bytes. */
public final class FlatTableRecords extends FlatChanges {

    private static final Schema BYTES = Schema.OPTIONAL_BYTES_SCHEMA;
    private static final String SNAPSHOT_HEADER = "pgseam.snapshot";
    private static final String LSN_HEADER = "pgseam.lsn";
    private static final String TRANSACTION_HEADER = "pgseam.txid";

    /** More than the three headers take. */
    private static final int MOST_HEADER_BYTES = 160;

    private final String topic;
    private final boolean tombstones;
    private final boolean headers;

    /**
     * @param table the table, for messages
     * @param topic the table's topic
     * @param columns the captured columns, in the order of the fields of every row given
     * @param settings what the values carry
     * @param tombstones whether an empty record follows each delete, for compacted topics
     * @param headers whether records carry their marks as headers too
     * @param unrepresentable is told of values that JSON cannot hold
     */
    public FlatTableRecords(
            TableId table,
            String topic,
            List<Column> columns,
            FlatSettings settings,
            boolean tombstones,
            boolean headers,
            UnrepresentableValues unrepresentable) {
        super(table, columns, settings, unrepresentable);
        this.topic = topic;
        this.tombstones = tombstones;
        this.headers = headers;
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        byte[] key = encoder().key(row);
        byte[] value = encoder().upsert(row, anchor.value(), 0, true, 0);
        SourceRecord copied = new SourceRecord(partition, offset, topic, null, BYTES, key, BYTES, value);
        if (headers) {
            mark(copied, true, anchor);
        }
        return copied;
    }

    private static Headers mark(SourceRecord record, boolean snapshot, Lsn lsn) {
        return record.headers().addBoolean(SNAPSHOT_HEADER, snapshot).addString(LSN_HEADER, lsn.toString());
    }

    @Override
    void upsert(JsonBuffer key, TextRow row, boolean written, ChangeWriter writer) {
        if (writer.begin(What.PRESENT) && written) {
            byte[] value =
                    encoder().upsert(row, writer.commitLsn().value(), writer.sequence(), false, writer.commitTimeMs());
            write(bytes(key), value, writer);
        }
    }

    @Override
    void delete(JsonBuffer keyBytes, TextRow oldRow, boolean oldRowWhole, boolean written, ChangeWriter writer) {
        byte[] key = bytes(keyBytes);
        if (writer.begin(What.GONE) && written) {
            long sequence = writer.sequence();
            byte[] value =
                    encoder().delete(oldRow, oldRowWhole, writer.commitLsn().value(), sequence, writer.commitTimeMs());
            if (oldRowWhole
                    && key != null
                    && !writer.fits(RecordSize.of(key.length, value.length + MOST_HEADER_BYTES))) {
                // The old row is a courtesy; a delete that is left out would be a ghost in the target (I9).
                value = encoder().delete(oldRow, false, writer.commitLsn().value(), sequence, writer.commitTimeMs());
            }
            write(key, value, writer);
        }
        if (tombstones && key != null && writer.begin(What.GONE) && written) {
            write(key, null, writer);
        }
    }

    private static byte @Nullable [] bytes(JsonBuffer key) {
        return key.size() == 0 ? null : key.toByteArray();
    }

    private void write(byte @Nullable [] key, byte @Nullable [] value, ChangeWriter writer) {
        SourceRecord change =
                new SourceRecord(writer.partition(), writer.offset(), topic, null, BYTES, key, BYTES, value);
        if (headers) {
            mark(change, false, writer.commitLsn()).addLong(TRANSACTION_HEADER, writer.transactionId());
        }
        writer.write(writer.admit(change, table(), columns()), length(key) + length(value));
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
