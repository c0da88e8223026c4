package io.pgseam.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ExactJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a topic of flat records holds for a consumer: the rows by the bytes of their keys, or, of a table without a key, as a
 * multiset. Values are kept as they came, to the byte, without their metadata fields.
 */
final class Delivered {

    /** A row as it was delivered: JSON objects. */
    record Row(@Nullable String key, String columns) {}

    private static final String FIRST_METADATA_FIELD = "\"__op\":";

    private final Map<String, Row> byKey = new HashMap<>();
    private final Map<String, Integer> withoutKey = new HashMap<>();

    /**
     * Applies one record; those of a partition come in the order of their offsets.
     *
     * @throws AssertionError where it is no flat record
     */
    void apply(ConsumerRecord<byte[], byte[]> record) {
        String value = new String(record.value(), StandardCharsets.UTF_8);
        JsonNode parsed = parsed(value, record);
        boolean upsert = parsed.path("__op").intValue() == 0;
        String columns = columns(value, record);
        String key = null;
        if (record.key() != null) {
            key = new String(record.key(), StandardCharsets.UTF_8);
        }
        if (upsert) {
            put(key, columns);
        } else {
            remove(key, columns);
        }
    }

    /** Applies an upsert: JSON objects; the key is null where there is none. */
    void put(@Nullable String key, String columns) {
        if (key != null) {
            byKey.put(key, new Row(key, columns));
        } else {
            withoutKey.merge(columns, 1, Integer::sum);
        }
    }

    /** Applies a delete. Records without a key are spread over partitions: it may be read before the row's insert. */
    void remove(@Nullable String key, String columns) {
        if (key != null) {
            byKey.remove(key);
        } else {
            withoutKey.merge(columns, -1, Integer::sum);
        }
    }

    private static JsonNode parsed(String value, ConsumerRecord<byte[], byte[]> record) {
        try {
            return ExactJson.READER.readTree(value);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + value + at(record), e);
        }
    }

    /** The value up to its metadata fields, which follow the columns. */
    private static String columns(String value, ConsumerRecord<byte[], byte[]> record) {
        int end = value.lastIndexOf(FIRST_METADATA_FIELD);
        if (end < 0) {
            throw new AssertionError("no metadata fields: " + value + at(record));
        }
        return value.substring(0, value.charAt(end - 1) == ',' ? end - 1 : end) + "}";
    }

    private static String at(ConsumerRecord<byte[], byte[]> record) {
        return " at " + record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /** @throws AssertionError where more rows without a key were deleted than there were */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>(byKey.values());
        withoutKey.forEach((columns, count) -> {
            if (count < 0) {
                throw new AssertionError("a row was deleted that was not there: " + columns);
            }
            for (int i = 0; i < count; i++) {
                rows.add(new Row(null, columns));
            }
        });
        return rows;
    }
}
