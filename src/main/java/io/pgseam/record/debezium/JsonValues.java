package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig.BinaryHandlingMode;
import io.debezium.data.VariableScaleDecimal;
import io.debezium.relational.Column;
import io.debezium.time.Date;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.Time;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTimestamp;
import io.pgseam.pg.TypeOids;
import io.pgseam.record.json.Base64Text;
import io.pgseam.record.json.JsonBuffer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/**
 * Which types are written straight from PostgreSQL's text, by what Debezium's schema says of the field. All others, and rare values of these,
 * go through Debezium's classes.
 */
final class JsonValues {

    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final long MICROS_OF_MILLI = 1_000;
    private static final int MOST_DIGITS_OF_LONG = 18;
    private static final int MOST_FRACTION_DIGITS = 9;
    private static final int UTC_LENGTH = "+00".length();

    /** The length that Debezium gives to numeric without a precision. */
    private static final int UNLIMITED = 131_089;

    /** Types whose text is the string in the record, besides enums. */
    private static final Set<Integer> TEXTS = Set.of(
            TypeOids.TEXT,
            TypeOids.VARCHAR,
            TypeOids.BPCHAR,
            TypeOids.NAME,
            TypeOids.JSON,
            TypeOids.JSONB,
            Oid.UUID,
            Oid.XML,
            Oid.INET,
            Oid.CIDR,
            Oid.MACADDR,
            Oid.MACADDR8);

    private JsonValues() {}

    /**
     * How values of a field are written; null if each goes through Debezium's classes.
     *
     * @param oid the type's OID, of a domain that of its base type
     * @param isEnum whether the type is an enum
     * @param column the column, as Debezium describes it
     * @param schema the field's schema
     */
    static @Nullable JsonValue of(int oid, boolean isEnum, Column column, Schema schema, BinaryHandlingMode binary) {
        String name = schema.name();
        return switch (oid) {
            case TypeOids.INT2, TypeOids.INT4, TypeOids.INT8, TypeOids.OID ->
                name == null && isInteger(schema) ? JsonValues::appendInteger : null;
            case TypeOids.BOOL -> schema.type() == Schema.Type.BOOLEAN ? JsonValues::appendBoolean : null;
            case TypeOids.FLOAT4 -> schema.type() == Schema.Type.FLOAT32 ? JsonValues::appendFloat : null;
            case TypeOids.FLOAT8 -> schema.type() == Schema.Type.FLOAT64 ? JsonValues::appendDouble : null;
            case TypeOids.NUMERIC -> numeric(column, schema);
            case TypeOids.DATE ->
                Date.SCHEMA_NAME.equals(name) || org.apache.kafka.connect.data.Date.LOGICAL_NAME.equals(name)
                        ? JsonValues::appendDate
                        : null;
            case TypeOids.TIME -> time(name);
            case TypeOids.TIMESTAMP -> timestamp(name);
            case TypeOids.TIMESTAMPTZ -> ZonedTimestamp.SCHEMA_NAME.equals(name) ? zonedTimestamp(column) : null;
            case TypeOids.BYTEA -> binary(schema, binary);
            default ->
                schema.type() == Schema.Type.STRING && (isEnum || TEXTS.contains(oid)) ? JsonValues::appendText : null;
        };
    }

    private static boolean isInteger(Schema schema) {
        return switch (schema.type()) {
            case INT16, INT32, INT64 -> true;
            default -> false;
        };
    }

    private static @Nullable JsonValue time(@Nullable String name) {
        if (Time.SCHEMA_NAME.equals(name) || org.apache.kafka.connect.data.Time.LOGICAL_NAME.equals(name)) {
            return (source, start, length, out) ->
                    appendPart(TemporalText.timeMicros(source, start, length), MICROS_OF_MILLI, out);
        }
        return MicroTime.SCHEMA_NAME.equals(name)
                ? (source, start, length, out) -> appendPart(TemporalText.timeMicros(source, start, length), 1, out)
                : null;
    }

    private static @Nullable JsonValue timestamp(@Nullable String name) {
        if (Timestamp.SCHEMA_NAME.equals(name) || org.apache.kafka.connect.data.Timestamp.LOGICAL_NAME.equals(name)) {
            return (source, start, length, out) ->
                    appendPart(TemporalText.timestampMicros(source, start, length), MICROS_OF_MILLI, out);
        }
        return MicroTimestamp.SCHEMA_NAME.equals(name)
                ? (source, start, length, out) ->
                        appendPart(TemporalText.timestampMicros(source, start, length), 1, out)
                : null;
    }

    private static @Nullable JsonValue numeric(Column column, Schema schema) {
        if (Decimal.LOGICAL_NAME.equals(schema.name())) {
            int scale = Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD));
            return (source, start, length, out) ->
                    scaleOf(source, start, length) == scale && appendUnscaled(source, start, length, out);
        }
        if (VariableScaleDecimal.LOGICAL_NAME.equals(schema.name())) {
            List<String> fields = schema.fields().stream().map(Field::name).toList();
            return fields.equals(List.of(VariableScaleDecimal.SCALE_FIELD, VariableScaleDecimal.VALUE_FIELD))
                    ? new VariableScale()
                    : null;
        }
        int fixed = column.length() == UNLIMITED ? -1 : column.scale().orElse(-1);
        return switch (schema.type()) {
            case STRING ->
                (source, start, length, out) ->
                        hasScale(source, start, length, fixed) && appendNumber(source, start, length, out);
            case FLOAT64 ->
                (source, start, length, out) ->
                        hasScale(source, start, length, fixed) && appendDouble(source, start, length, out);
            default -> null;
        };
    }

    private static boolean hasScale(byte[] source, int start, int length, int fixed) {
        return fixed < 0 || scaleOf(source, start, length) == fixed;
    }

    /** A structure of the scale and the unscaled number, without zeros at the end of its fraction. */
    private static final class VariableScale implements JsonValue {

        private final byte[] beforeScale =
                ("{\"" + VariableScaleDecimal.SCALE_FIELD + "\":").getBytes(StandardCharsets.US_ASCII);
        private final byte[] beforeValue =
                (",\"" + VariableScaleDecimal.VALUE_FIELD + "\":").getBytes(StandardCharsets.US_ASCII);

        @Override
        public boolean append(byte[] source, int start, int length, JsonBuffer out) {
            int scale = scaleOf(source, start, length);
            if (scale < 0) {
                return false;
            }
            int shortest = length;
            while (scale > 0 && source[start + shortest - 1] == '0') {
                shortest--;
                scale--;
            }
            out.append(beforeScale);
            out.appendUnsigned(scale);
            out.append(beforeValue);
            appendUnscaled(source, start, shortest, out);
            out.append('}');
            return true;
        }
    }

    private static @Nullable JsonValue binary(Schema schema, BinaryHandlingMode mode) {
        return switch (mode) {
            case BYTES -> schema.type() == Schema.Type.BYTES ? JsonValues::appendBytes : null;
            case BASE64 -> schema.type() == Schema.Type.STRING ? JsonValues::appendBytes : null;
            case HEX -> schema.type() == Schema.Type.STRING ? JsonValues::appendHex : null;
            case BASE64_URL_SAFE -> null;
        };
    }

    private static boolean appendInteger(byte[] source, int start, int length, JsonBuffer out) {
        out.append(source, start, length);
        return true;
    }

    private static boolean appendText(byte[] source, int start, int length, JsonBuffer out) {
        out.appendString(source, start, length);
        return true;
    }

    private static boolean appendBoolean(byte[] source, int start, int length, JsonBuffer out) {
        boolean isTrue = length == 1 && source[start] == 't';
        if (!isTrue && !(length == 1 && source[start] == 'f')) {
            return false;
        }
        out.append(isTrue ? TRUE : FALSE);
        return true;
    }

    /** Java writes a double in another way than PostgreSQL, and so does Jackson. A numeric can be too large for one. */
    private static boolean appendDouble(byte[] source, int start, int length, JsonBuffer out) {
        if (!isFinite(source, start, length)) {
            return false;
        }
        double number = Double.parseDouble(ascii(source, start, length));
        return Double.isFinite(number) && appendAscii(Double.toString(number), out);
    }

    private static boolean appendFloat(byte[] source, int start, int length, JsonBuffer out) {
        return isFinite(source, start, length)
                && appendAscii(Float.toString(Float.parseFloat(ascii(source, start, length))), out);
    }

    /** NaN and the infinities alone do not end in a digit. */
    private static boolean isFinite(byte[] source, int start, int length) {
        return length > 0 && source[start + length - 1] <= '9';
    }

    private static String ascii(byte[] source, int start, int length) {
        return new String(source, start, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean appendAscii(String text, JsonBuffer out) {
        out.append(text.getBytes(StandardCharsets.ISO_8859_1));
        return true;
    }

    /** A numeric as a string. */
    private static boolean appendNumber(byte[] source, int start, int length, JsonBuffer out) {
        if (!isFinite(source, start, length)) {
            return false;
        }
        out.appendQuoted(source, start, length);
        return true;
    }

    /** The digits after the point; -1 if this is no finite number. */
    private static int scaleOf(byte[] source, int start, int length) {
        if (!isFinite(source, start, length)) {
            return -1;
        }
        for (int at = length - 1; at >= 0; at--) {
            if (source[start + at] == '.') {
                return length - 1 - at;
            }
        }
        return 0;
    }

    /** Appends the bytes of a finite number without its point. */
    private static boolean appendUnscaled(byte[] source, int start, int length, JsonBuffer out) {
        boolean negative = source[start] == '-';
        long number = 0;
        int digits = 0;
        for (int at = negative ? 1 : 0; at < length; at++) {
            if (source[start + at] != '.') {
                digits++;
                number = number * 10 + (source[start + at] - '0');
            }
        }
        if (digits <= MOST_DIGITS_OF_LONG) {
            Base64Text.append(negative ? -number : number, out);
        } else {
            byte[] unscaled = new BigInteger(ascii(source, start, length).replace(".", "")).toByteArray();
            byte[] base64 = Base64.getEncoder().encode(unscaled);
            out.appendQuoted(base64, 0, base64.length);
        }
        return true;
    }

    private static boolean appendDate(byte[] source, int start, int length, JsonBuffer out) {
        return appendPart(TemporalText.days(source, start, length), 1, out);
    }

    /** Appends a number of larger units; times before 1970 are rounded down, too. */
    private static boolean appendPart(long number, long unit, JsonBuffer out) {
        if (number == TemporalText.OTHER) {
            return false;
        }
        out.appendSigned(Math.floorDiv(number, unit));
        return true;
    }

    /** A timestamp in UTC, as all our sessions have it; its fraction has as many digits as the column. */
    private static JsonValue zonedTimestamp(Column column) {
        int width = column.scale().orElse(column.length());
        int digits = width > 0 && width <= MOST_FRACTION_DIGITS ? width : 0;
        return (source, start, length, out) -> appendZonedTimestamp(source, start, length, digits, out);
    }

    /** Only separator, fraction and zone are others in ISO 8601. */
    private static boolean appendZonedTimestamp(byte[] source, int start, int length, int digits, JsonBuffer out) {
        int local = length - UTC_LENGTH;
        if (local <= TemporalText.DATE_LENGTH
                || source[start + local] != '+'
                || source[start + local + 1] != '0'
                || source[start + local + 2] != '0'
                || TemporalText.timestampMicros(source, start, local) == TemporalText.OTHER) {
            return false;
        }
        int padding = digits - Math.max(0, local - TemporalText.TIMESTAMP_LENGTH - 1);
        if (digits > 0 && padding < 0) {
            return false;
        }
        int at = out.size() + 1 + TemporalText.DATE_LENGTH;
        out.append('"');
        out.append(source, start, local);
        out.replace(at, 'T');
        if (digits > 0) {
            if (local == TemporalText.TIMESTAMP_LENGTH) {
                out.append('.');
            }
            for (int i = 0; i < padding; i++) {
                out.append('0');
            }
        }
        out.append('Z');
        out.append('"');
        return true;
    }

    private static boolean appendBytes(byte[] source, int start, int length, JsonBuffer out) {
        if (!Base64Text.isHex(source, start, length)) {
            return false;
        }
        Base64Text.appendHex(source, start, length, out);
        return true;
    }

    private static boolean appendHex(byte[] source, int start, int length, JsonBuffer out) {
        if (!Base64Text.isHex(source, start, length)) {
            return false;
        }
        out.appendQuoted(source, start + 2, length - 2);
        return true;
    }
}
