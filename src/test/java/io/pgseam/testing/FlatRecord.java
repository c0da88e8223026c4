package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record of the flat format, taken apart.
 *
 * @param partition where it is
 * @param offset where it is in the partition
 * @param keyText its key as it was sent
 * @param key its key
 * @param place its place in the order of the source
 * @param snapshot whether its row was copied, and not streamed
 * @param deleted whether it deletes the row
 * @param columns its value without the metadata fields
 */
public record FlatRecord(
        TopicPartition partition,
        long offset,
        String keyText,
        JsonNode key,
        Place place,
        boolean snapshot,
        boolean deleted,
        ObjectNode columns) {

    private static final Set<String> METADATA =
            Set.of("__op", "__lsn", "__seq", "__snapshot", "__ver", "__deleted", "__ts_ms", "__table");

    /** A place in the order of the source. */
    public record Place(Lsn lsn, long sequence) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int order = lsn.compareTo(other.lsn);
            return order != 0 ? order : Long.compare(sequence, other.sequence);
        }
    }

    /**
     * Takes a record apart.
     *
     * @throws AssertionError if it is not a flat record with a key
     */
    public static FlatRecord of(ConsumerRecord<byte[], byte[]> record) {
        JsonNode key = parsed(record, "key", record.key());
        if (!(parsed(record, "value", record.value()) instanceof ObjectNode value)) {
            throw new AssertionError("value is not an object at " + position(record));
        }
        long operation = number(record, value, "__op");
        if (operation != 0 && operation != 1) {
            throw new AssertionError("__op " + operation + " at " + position(record));
        }
        Place place = new Place(new Lsn(number(record, value, "__lsn")), number(record, value, "__seq"));
        boolean snapshot = value.path("__snapshot").asBoolean();
        return new FlatRecord(
                new TopicPartition(record.topic(), record.partition()),
                record.offset(),
                new String(record.key(), StandardCharsets.UTF_8),
                key,
                place,
                snapshot,
                operation == 1,
                value.remove(METADATA));
    }

    private static long number(ConsumerRecord<byte[], byte[]> record, JsonNode value, String field) {
        JsonNode node = value.path(field);
        if (!node.isIntegralNumber()) {
            throw new AssertionError(field + " is not an integer at " + position(record) + ": " + node);
        }
        return node.longValue();
    }

    private static JsonNode parsed(ConsumerRecord<byte[], byte[]> record, String part, byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new AssertionError("no " + part + " at " + position(record));
        }
        try {
            return ExactJson.READER.readTree(bytes);
        } catch (IOException e) {
            throw new AssertionError(part + " is not JSON at " + position(record), e);
        }
    }

    private static String position(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /** Where it is, for messages. */
    public String position() {
        return partition + "@" + offset;
    }
}
