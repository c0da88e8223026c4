package io.pgseam.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Takes packed messages apart ({@code flat.pack.bytes}): each row becomes what it would be as a message of its own, at the offset of its
 * message. Checks that each row is in its bucket.
 */
public final class PackedRows {

    /** Numbers and names are looked at as they are written. */
    private static final JsonFactory JSON = new JsonFactory();

    private final int buckets;

    /** @param buckets {@code flat.pack.buckets} */
    public PackedRows(int buckets) {
        this.buckets = buckets;
    }

    /**
     * The rows of messages.
     *
     * @param keyColumns the columns of their key, in key order; none for a table without a key
     * @throws AssertionError if a message is not a packed one
     */
    public List<ConsumerRecord<byte[], byte[]>> of(
            Iterable<ConsumerRecord<byte[], byte[]>> messages, List<String> keyColumns) {
        List<ConsumerRecord<byte[], byte[]>> rows = new ArrayList<>();
        messages.forEach(message -> rows.addAll(of(message, keyColumns)));
        return rows;
    }

    private List<ConsumerRecord<byte[], byte[]>> of(ConsumerRecord<byte[], byte[]> message, List<String> keyColumns) {
        List<ConsumerRecord<byte[], byte[]>> rows = new ArrayList<>();
        for (Row row : rows(message.value(), keyColumns)) {
            if (row.key() != null) {
                String bucket = String.valueOf(Utils.toPositive(Utils.murmur2(row.key())) % buckets);
                String found = new String(message.key(), StandardCharsets.UTF_8);
                if (!bucket.equals(found)) {
                    throw new AssertionError("a row of bucket " + bucket + " is in bucket " + found + ", at "
                            + message.topic() + "-" + message.partition() + "@" + message.offset());
                }
            }
            rows.add(new ConsumerRecord<>(
                    message.topic(), message.partition(), message.offset(), row.key(), row.value()));
        }
        return rows;
    }

    /** A row as it would be alone. */
    public record Row(byte @Nullable [] key, byte[] value) {}

    /** The rows of a message's value. */
    public static List<Row> rows(byte[] value, List<String> keyColumns) {
        List<Row> rows = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(value)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                token = parser.nextToken();
            }
            while (token == JsonToken.START_OBJECT) {
                rows.add(row(value, parser, keyColumns));
                token = parser.nextToken();
            }
            if (rows.isEmpty() || (token != null && token != JsonToken.END_ARRAY)) {
                throw new AssertionError("no rows: " + new String(value, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + new String(value, StandardCharsets.UTF_8), e);
        }
        return rows;
    }

    private static Row row(byte[] value, JsonParser parser, List<String> keyColumns) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        Map<String, byte[]> fields = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            int from = (int) parser.currentTokenLocation().getByteOffset();
            parser.nextToken();
            parser.skipChildren();
            // The text of a value is read only when it is asked for.
            parser.finishToken();
            fields.put(name, Arrays.copyOfRange(value, from, (int)
                    parser.currentLocation().getByteOffset()));
        }
        byte[] row =
                Arrays.copyOfRange(value, start, (int) parser.currentLocation().getByteOffset());
        return new Row(keyColumns.isEmpty() ? null : key(fields, keyColumns), row);
    }

    private static byte[] key(Map<String, byte[]> fields, List<String> keyColumns) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        char before = '{';
        for (String column : keyColumns) {
            key.write(before);
            byte[] field = fields.get(column);
            if (field == null) {
                throw new AssertionError("a row without its key column " + column);
            }
            key.writeBytes(field);
            before = ',';
        }
        key.write('}');
        return key.toByteArray();
    }
}
