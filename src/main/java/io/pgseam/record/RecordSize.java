package io.pgseam.record;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The size of a record as Kafka's producer counts it, before compression, when it holds a record against {@code
 * max.request.size}: {@code KafkaProducer.ensureValidRecordSize} of what {@code AbstractRecords.estimateSizeInBytesUpperBound}
 * says.
 */
public final class RecordSize {

    /** What the producer adds for a batch (61) and a record (21), two lengths of up to five bytes each, and some to spare. */
    private static final int OVERHEAD_BYTES = 96;

    /** Two lengths of up to five bytes each. */
    private static final int HEADER_OVERHEAD_BYTES = 10;

    private RecordSize() {}

    /**
     * The size in bytes, or a few more. Of a key or value that is not bytes yet, what it has at least: how large it is, is known
     * only when a converter has turned it into bytes.
     */
    public static long of(SourceRecord record) {
        long size = OVERHEAD_BYTES + StructSize.of(record.key()) + StructSize.of(record.value());
        if (!record.headers().isEmpty()) {
            for (Header header : record.headers()) {
                String value = String.valueOf(header.value());
                size += HEADER_OVERHEAD_BYTES + header.key().length() + value.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return size;
    }

    /** The size in bytes, at least, of a record without headers whose key and value are structured. */
    public static long of(Struct key, Struct value) {
        return OVERHEAD_BYTES + StructSize.of(key) + StructSize.of(value);
    }

    /** The size in bytes of a record without headers. */
    public static long of(int keyBytes, int valueBytes) {
        return (long) OVERHEAD_BYTES + keyBytes + valueBytes;
    }
}
