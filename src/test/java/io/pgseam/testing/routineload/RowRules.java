package io.pgseam.testing.routineload;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.pgseam.testing.routineload.LoadedTable.Column;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Routine Load makes of a message: read in the servers' sources, in strict mode. */
final class RowRules {

    static final int LONGEST_KEY = 128;

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** What stands behind is passed over without a word: {@code Z}, an offset. */
    private static final Pattern DATETIME =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})(?:[ T](\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?))?.*");

    private static final Pattern LENGTH = Pattern.compile("\\((\\d+)(?:,(\\d+))?\\)");

    private RowRules() {}

    /**
     * A row of a message.
     *
     * @param delete whether it deletes
     * @param version {@code __ver}; null if the message has none
     * @param values texts by column; null for NULL
     */
    record LoadedRow(boolean delete, @Nullable BigInteger version, Map<String, @Nullable String> values) {}

    /** A row that does not fit: it is filtered, or the job pauses. */
    static final class BadRow extends Exception {
        private static final long serialVersionUID = 1L;

        BadRow(String message) {
            super(message);
        }
    }

    /** The objects of a message: one after the other, or in one array if the job strips it. */
    static List<JsonNode> documents(byte[] message, boolean stripOuterArray) throws IOException, BadRow {
        List<JsonNode> documents = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(message)) {
            JsonNode document = JSON.readTree(parser);
            while (document != null) {
                if (stripOuterArray && document.isArray()) {
                    document.forEach(documents::add);
                } else {
                    documents.add(document);
                }
                document = JSON.readTree(parser);
            }
        }
        for (JsonNode document : documents) {
            if (!document.isObject()) {
                throw new BadRow("a message has something that is no object: " + document.getNodeType());
            }
        }
        return documents;
    }

    static LoadedRow row(JsonNode document, LoadedTable table, LoadJob job) throws BadRow {
        JsonNode op = document.path("__op");
        boolean delete = false;
        if (job.deletes() && !op.isMissingNode()) {
            if (!op.isIntegralNumber() || op.asInt() < 0 || op.asInt() > 1) {
                throw new BadRow("__op is no number 0 or 1: " + op);
            }
            delete = op.asInt() == 1;
        }
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        int keyBytes = 0;
        for (Column column : table.columns()) {
            boolean named = job.columns().isEmpty() || job.columns().contains(column.name());
            JsonNode node = named ? document.path(column.name()) : document.path("");
            String value = node.isMissingNode() || node.isNull() ? null : value(node, column);
            if (value == null && !column.nullable()) {
                throw new BadRow("column " + column.name() + " is NOT NULL, and has no value");
            }
            if (column.key() && value != null) {
                keyBytes += encodedBytes(column, value);
            }
            values.put(column.name(), value);
        }
        if (!job.merge() && keyBytes > LONGEST_KEY) {
            throw new BadRow("the key has " + keyBytes + " bytes");
        }
        JsonNode version = document.path("__ver");
        return new LoadedRow(delete, version.isMissingNode() ? null : new BigInteger(version.asText()), values);
    }

    private static int encodedBytes(Column column, String value) {
        return switch (column.kind()) {
            case "BOOLEAN" -> 1;
            case "SMALLINT" -> 2;
            case "INT", "DATE" -> 4;
            case "BIGINT", "DATETIME" -> 8;
            default -> value.getBytes(StandardCharsets.UTF_8).length;
        };
    }

    private static String value(JsonNode node, Column column) throws BadRow {
        if (column.kind().equals("JSON")) {
            return node.toString();
        }
        if (column.kind().equals("ARRAY")) {
            return array(node, column);
        }
        String text = node.isValueNode() ? node.asText() : node.toString();
        return scalar(text, column.type(), column.name());
    }

    /** Strict mode does not look into arrays: an element that does not fit becomes NULL. */
    private static String array(JsonNode node, Column column) throws BadRow {
        if (!node.isArray()) {
            throw new BadRow("column " + column.name() + " is an array, and its value is none");
        }
        String type = column.type().substring("ARRAY<".length(), column.type().length() - 1);
        ArrayNode elements = JSON.createArrayNode();
        for (JsonNode element : node) {
            try {
                if (element.isNull()) {
                    elements.addNull();
                } else {
                    elements.add(scalar(element.isValueNode() ? element.asText() : element.toString(), type, ""));
                }
            } catch (BadRow e) {
                elements.addNull();
            }
        }
        return elements.toString();
    }

    private static String scalar(String text, String type, String column) throws BadRow {
        try {
            return switch (type.replaceAll("\\(.*", "")) {
                case "BOOLEAN" ->
                    switch (text) {
                        case "true", "1" -> "1";
                        case "false", "0" -> "0";
                        default -> throw new BadRow("column " + column + " is a boolean, and its value is none");
                    };
                case "SMALLINT" -> String.valueOf(Short.parseShort(text));
                case "INT" -> String.valueOf(Integer.parseInt(text));
                case "BIGINT" -> String.valueOf(Long.parseLong(text));
                case "LARGEINT" -> new BigInteger(text).toString();
                case "FLOAT", "DOUBLE" -> text;
                case "DECIMAL" -> decimal(text, type, column);
                case "DATE", "DATETIME" -> instant(text, type, column);
                case "VARCHAR" -> bounded(text, type, column);
                case "STRING" -> text;
                default -> throw new IllegalArgumentException("no rule for type " + type);
            };
        } catch (NumberFormatException e) {
            throw new BadRow("column " + column + " is " + type + ", and its value does not fit");
        }
    }

    private static int length(String type, int group) {
        Matcher matcher = LENGTH.matcher(type);
        if (!matcher.find()) {
            // Of StarRocks.
            return 1;
        }
        return Integer.parseInt(matcher.group(group));
    }

    private static String bounded(String text, String type, String column) throws BadRow {
        if (text.getBytes(StandardCharsets.UTF_8).length > length(type, 1)) {
            throw new BadRow("column " + column + " is " + type + ", and its value is longer");
        }
        return text;
    }

    private static String decimal(String text, String type, String column) throws BadRow {
        BigDecimal value = new BigDecimal(text);
        int scale = length(type, 2);
        if (value.precision() - value.scale() > length(type, 1) - scale) {
            throw new BadRow("column " + column + " is " + type + ", and its value is larger");
        }
        return value.setScale(scale, RoundingMode.HALF_UP).toPlainString();
    }

    private static String instant(String text, String type, String column) throws BadRow {
        Matcher matcher = DATETIME.matcher(text);
        if (!matcher.matches()) {
            throw new BadRow("column " + column + " is " + type + ", and its value is none");
        }
        if (type.equals("DATE")) {
            return matcher.group(1);
        }
        String time = matcher.group(2) == null ? "00:00:00" : matcher.group(2);
        // Doris' DATETIME without a scale drops fractions; the generated one has six digits. StarRocks' has them
        // always.
        return matcher.group(1) + " " + time;
    }

    /** Whether an error says that a message is no JSON. */
    static boolean isUnreadable(IOException failure) {
        return failure instanceof JsonProcessingException;
    }
}
