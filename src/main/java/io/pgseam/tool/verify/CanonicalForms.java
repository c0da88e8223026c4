package io.pgseam.tool.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How {@link Canonical} forms are made. */
final class CanonicalForms {

    static final byte[] DIGITS = {'0', '1'};

    private static final byte[] MIDNIGHT = " 00:00:00".getBytes(StandardCharsets.US_ASCII);
    private static final int TIME_END = "YYYY-MM-DD hh:mm:ss".length();

    /** StarRocks writes control characters of an array's texts as they are. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNestingDepth(100_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private CanonicalForms() {}

    static void number(FieldValue value) {
        byte[] bytes = value.bytes();
        int point = value.from();
        while (point < value.to() && bytes[point] != '.') {
            point++;
        }
        int end = value.to();
        if (point < end) {
            while (bytes[end - 1] == '0') {
                end--;
            }
            value.end(bytes[end - 1] == '.' ? end - 1 : end);
        }
        if (value.length() == 2 && value.at(0) == '-' && value.at(1) == '0') {
            value.set(DIGITS, 0, 1);
        }
    }

    static void instant(FieldValue value) {
        if (value.length() > TIME_END && value.at(TIME_END) == '.') {
            int end = value.to();
            while (value.bytes()[end - 1] == '0') {
                end--;
            }
            value.end(value.bytes()[end - 1] == '.' ? end - 1 : end);
        }
        if (value.endsWith(MIDNIGHT)) {
            value.end(value.to() - MIDNIGHT.length);
        }
    }

    /** Numbers of so many digits after the point. What is not decimal digits stays as it is. */
    static Canonical rounded(int scale, RoundingMode mode) {
        return value -> {
            try {
                value.set(new BigDecimal(value.text()).setScale(scale, mode).toPlainString());
            } catch (NumberFormatException e) {
                return;
            }
            number(value);
        };
    }

    /** Instants with so many digits of a second's fraction. */
    static Canonical cut(int digits) {
        return value -> {
            int longest = digits == 0 ? TIME_END : TIME_END + 1 + digits;
            if (value.length() > longest && value.at(TIME_END) == '.') {
                value.end(value.from() + longest);
            }
            instant(value);
        };
    }

    /** As Java reads it. */
    static String float8(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan", "-nan" -> "NaN";
            case "inf", "+inf", "infinity" -> "Infinity";
            case "-inf", "-infinity" -> "-Infinity";
            default -> text;
        };
    }

    /**
     * JSON: blanks, the order of keys, and how a number is written do not count. A text that is no JSON stays as it is.
     *
     * @param doubles whether fractions, and integers of more than 64 bits, are doubles at one end
     */
    static Canonical document(boolean doubles) {
        return value -> {
            try {
                StringBuilder text = new StringBuilder(value.length());
                append(JSON.readTree(value.bytes(), value.from(), value.length()), doubles, text);
                value.set(text.toString());
            } catch (JsonProcessingException e) {
                // A JSON string at the source is a bare text in a column of texts.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private static void append(JsonNode node, boolean doubles, StringBuilder to) {
        if (node.isObject()) {
            Map<String, JsonNode> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
            to.append('{');
            fields.forEach((name, field) -> {
                quote(name, to);
                to.append(':');
                append(field, doubles, to);
                to.append(',');
            });
            to.append('}');
        } else if (node.isArray()) {
            to.append('[');
            node.forEach(element -> {
                append(element, doubles, to);
                to.append(',');
            });
            to.append(']');
        } else if (node.isNumber()) {
            to.append(number(node, doubles));
        } else if (node.isTextual()) {
            quote(node.textValue(), to);
        } else {
            to.append(node.asText());
        }
    }

    private static String number(JsonNode node, boolean doubles) {
        BigDecimal number = node.decimalValue();
        if (doubles && !(node.isIntegralNumber() && node.canConvertToLong())) {
            double rounded = node.doubleValue();
            return Double.isInfinite(rounded)
                    ? Double.toString(rounded)
                    : new BigDecimal(rounded).stripTrailingZeros().toString();
        }
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toString();
    }

    private static void quote(String text, StringBuilder to) {
        to.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, to);
        to.append('"');
    }

    /** A JSON array whose elements are scalars of one type. A text that is no JSON array stays as it is. */
    static Canonical array(Canonical element) {
        Canonical nested = document(false);
        return value -> {
            try {
                FieldValue one = new FieldValue();
                JsonNode array = JSON.readTree(value.bytes(), value.from(), value.length());
                if (!array.isArray()) {
                    return;
                }
                StringBuilder text = new StringBuilder("[");
                for (JsonNode node : array) {
                    if (node.isNull()) {
                        text.append("null,");
                        continue;
                    }
                    one.set(
                            node.isContainerNode()
                                    ? node.toString()
                                    : node.isNumber() ? node.decimalValue().toPlainString() : node.asText());
                    (node.isContainerNode() ? nested : element).apply(one);
                    quote(one.text(), text);
                    text.append(',');
                }
                value.set(text.append(']').toString());
            } catch (JsonProcessingException e) {
                // Compared as a text.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
