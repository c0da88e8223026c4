package io.pgseam.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table's records in Debezium's envelope, as JSON without schemas, for the oracle that judges flat
 * rows: values are written anew in the flat format's forms, by what Debezium documents of them.
 */
final class EnvelopeForm {

    /** What these forms are of. */
    static final List<String> SETTINGS = List.of(
            "output.format=debezium",
            "decimal.handling.mode=string",
            "binary.handling.mode=base64",
            "include.unknown.datatypes=true",
            "key.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter");

    /** Domains are followed down to their base type. */
    private static final String TYPES = """
            WITH RECURSIVE base AS (
                SELECT a.attname, a.atttypid AS type FROM pg_attribute a
                WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL
                SELECT base.attname, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd')
            SELECT base.attname, t.typname,
                   ARRAY(SELECT c.attname::text FROM pg_attribute c
                         WHERE c.attrelid = t.typrelid AND c.attnum > 0 AND NOT c.attisdropped ORDER BY c.attnum)
            FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'""";

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter();
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd ")
            .append(TIME)
            .toFormatter();

    private final Map<String, String> types = new HashMap<>();

    /** The attributes of columns of composite types; no attributes for others. */
    private final Map<String, List<String>> composites = new HashMap<>();

    /** @param table its quoted name */
    EnvelopeForm(TestDatabase database, String table) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(TYPES)) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    types.put(rows.getString(1), rows.getString(2));
                    composites.put(rows.getString(1), List.of((String[])
                            rows.getArray(3).getArray()));
                }
            }
        }
    }

    /** Whether the record is a copied row. */
    static boolean isCopied(ConsumerRecord<byte[], byte[]> record) {
        return "r".equals(parsed(record.value()).path("op").asText());
    }

    /**
     * Applies one record; those of a partition come in the order of their offsets.
     *
     * @throws AssertionError where it is no envelope
     */
    void apply(ConsumerRecord<byte[], byte[]> record, Delivered delivered) {
        JsonNode envelope = parsed(record.value());
        String key = record.key() == null ? null : flat(parsed(record.key()));
        switch (envelope.path("op").asText()) {
            case "r", "c" -> delivered.put(key, flat(envelope.path("after")));
            case "u" -> {
                if (key == null) {
                    delivered.remove(null, flat(envelope.path("before")));
                }
                delivered.put(key, flat(envelope.path("after")));
            }
            case "d" -> delivered.remove(key, flat(envelope.path("before")));
            default -> {
                if (!envelope.isNull()) {
                    throw new AssertionError("no envelope: " + envelope);
                }
            }
        }
    }

    private static JsonNode parsed(byte @Nullable [] json) {
        try {
            return json == null
                    ? JsonNodeFactory.instance.nullNode()
                    : ExactJson.READER.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    private String flat(JsonNode struct) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        struct.properties().forEach(field -> {
            String type = types.getOrDefault(field.getKey(), "");
            if (field.getValue().isNull()) {
                row.putNull(field.getKey());
            } else if (type.equals("json") || type.equals("jsonb")) {
                row.putRawValue(field.getKey(), new RawValue(field.getValue().asText()));
            } else if (!composites.getOrDefault(field.getKey(), List.of()).isEmpty()) {
                row.set(field.getKey(), composite(composites.get(field.getKey()), field.getValue()));
            } else {
                row.set(field.getKey(), flat(type, field.getValue()));
            }
        });
        return row.toString();
    }

    /** A composite value is PostgreSQL's text in base64; those of the example databases have no quotes in it. */
    private static JsonNode composite(List<String> attributes, JsonNode value) {
        String text = new String(Base64.getDecoder().decode(value.asText()), StandardCharsets.UTF_8);
        String[] parts = text.substring(1, text.length() - 1).split(",", -1);
        if (text.contains("\"") || parts.length != attributes.size()) {
            throw new AssertionError("no simple composite value: " + text);
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < parts.length; i++) {
            object.put(attributes.get(i), parts[i].isEmpty() ? null : parts[i]);
        }
        return object;
    }

    private static JsonNode flat(String type, JsonNode value) {
        return switch (type) {
            case "date" -> text(LocalDate.ofEpochDay(value.asLong()).toString());
            case "time" -> text(TIME, LocalTime.ofNanoOfDay(value.asLong() * 1_000));
            case "timestamp" ->
                text(
                        TIMESTAMP,
                        LocalDateTime.ofInstant(Instant.EPOCH.plus(value.asLong(), ChronoUnit.MICROS), ZoneOffset.UTC));
            case "timestamptz" ->
                text(TIMESTAMP, OffsetDateTime.parse(value.asText()).withOffsetSameInstant(ZoneOffset.UTC));
            case "point" -> text("(" + plain(value.path("x")) + "," + plain(value.path("y")) + ")");
            case "float4", "float8" ->
                value.isNumber() ? JsonNodeFactory.instance.numberNode(new BigDecimal(plain(value))) : value;
            default -> value;
        };
    }

    private static String plain(JsonNode number) {
        return number.isNumber()
                ? new BigDecimal(number.asText()).stripTrailingZeros().toPlainString()
                : number.asText();
    }

    private static JsonNode text(DateTimeFormatter form, TemporalAccessor value) {
        return text(form.format(value));
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }
}
