package io.pgseam.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A column, and the one text that its values have here, whether they came from PostgreSQL's output functions or from a flat
 * record. A value of the wrong JSON kind, such as a number in quotes, gets a text that no value of the source has.
 *
 * <p>Written apart from the connector's renderer on purpose: it is what the renderer is tested against.
 *
 * @param name the column's name
 * @param kind how its values are compared
 * @param array whether it is an array of that kind
 */
public record CanonicalColumn(String name, Kind kind, boolean array) {

    /** How values are compared. */
    public enum Kind {
        BOOLEAN,
        INTEGER,
        FLOAT4,
        FLOAT8,
        JSON,
        BYTEA,
        TIMESTAMPTZ,
        /** Everything else: PostgreSQL's text in a JSON string. */
        TEXT;

        /**
         * @param typeName name of the type in pg_catalog, of the element where it is an array
         */
        static Kind of(String typeName) {
            return switch (typeName) {
                case "bool" -> BOOLEAN;
                case "int2", "int4", "int8", "oid" -> INTEGER;
                case "float4" -> FLOAT4;
                case "float8" -> FLOAT8;
                case "json", "jsonb" -> JSON;
                case "bytea" -> BYTEA;
                case "timestamptz" -> TIMESTAMPTZ;
                default -> TEXT;
            };
        }
    }

    /** The canonical text of a value in PostgreSQL's text form; {@code null} for NULL. */
    public @Nullable String ofSource(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return array ? arrayOfSource(ArrayText.parse(text)) : scalarOfSource(text);
    }

    private String arrayOfSource(List<?> elements) {
        List<String> texts = new ArrayList<>();
        for (Object element : elements) {
            if (element instanceof List<?> inner) {
                texts.add(arrayOfSource(inner));
            } else {
                texts.add(element instanceof String text ? scalarOfSource(text) : "null");
            }
        }
        return texts.toString();
    }

    private String scalarOfSource(String text) {
        return switch (kind) {
            case BOOLEAN -> text.equals("t") ? "true" : "false";
            case FLOAT4 -> float4(text);
            case FLOAT8 -> float8(text);
            case JSON -> sorted(parsed(text)).toString();
            case BYTEA -> text.substring(2);
            case TIMESTAMPTZ -> text.endsWith("+00") ? text.substring(0, text.length() - 3) : text;
            case INTEGER, TEXT -> text;
        };
    }

    /** The canonical text of a value of a flat record; {@code null} for a JSON null, "absent" for no value at all. */
    public @Nullable String ofRecord(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode()) {
            return "absent";
        }
        if (value.isNull()) {
            return kind == Kind.JSON && !array ? "null or SQL NULL" : null;
        }
        return array ? arrayOfRecord(value) : scalarOfRecord(value);
    }

    private String arrayOfRecord(JsonNode value) {
        if (!value.isArray()) {
            return "not an array: " + value;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (element.isNull()) {
                texts.add("null");
            } else {
                texts.add(element.isArray() && kind != Kind.JSON ? arrayOfRecord(element) : scalarOfRecord(element));
            }
        }
        return texts.toString();
    }

    private String scalarOfRecord(JsonNode value) {
        return switch (kind) {
            case BOOLEAN -> value.isBoolean() ? value.toString() : "not a boolean: " + value;
            case INTEGER -> value.isIntegralNumber() ? value.toString() : "not an integer: " + value;
            case FLOAT4 -> isFloat(value) ? float4(value.asText()) : "not a number: " + value;
            case FLOAT8 -> isFloat(value) ? float8(value.asText()) : "not a number: " + value;
            case JSON -> sorted(value).toString();
            case BYTEA -> value.isTextual() ? hexOfBase64(value.textValue()) : "not base64: " + value;
            case TEXT, TIMESTAMPTZ -> value.isTextual() ? value.textValue() : "not a string: " + value;
        };
    }

    /** Adding zero makes one of the two zeros: a JSON number has no negative one. */
    private static String float4(String text) {
        return Float.toString(Float.parseFloat(text) + 0.0f);
    }

    private static String float8(String text) {
        return Double.toString(Double.parseDouble(text) + 0.0);
    }

    private static boolean isFloat(JsonNode value) {
        return value.isNumber() || (value.isTextual() && value.textValue().matches("NaN|-?Infinity"));
    }

    private static String hexOfBase64(String text) {
        try {
            return HexFormat.of().formatHex(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return "not base64: " + text;
        }
    }

    private static JsonNode parsed(String text) {
        try {
            return ExactJson.READER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("PostgreSQL gave no JSON", e);
        }
    }

    /** The same value with the keys of objects in order, as text. */
    private static Object sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
            return fields;
        }
        if (node.isArray()) {
            List<Object> elements = new ArrayList<>();
            node.forEach(element -> elements.add(sorted(element)));
            return elements;
        }
        return node.toString();
    }
}
