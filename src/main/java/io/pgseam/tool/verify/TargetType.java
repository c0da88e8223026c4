package io.pgseam.tool.verify;

import io.pgseam.tool.target.DatabaseKind;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A type as a target's catalogue writes it, as far as a comparison depends on it.
 *
 * @param family what its values are
 * @param length digits of a DECIMAL, bytes or characters of a bounded text; -1 if it has none
 * @param scale digits after the point of a DECIMAL, or of a second; -1 if it has none
 * @param text how the catalogue writes it
 */
public record TargetType(Family family, int length, int scale, String text) {

    /** The sorts of values. */
    public enum Family {
        BOOLEAN,
        INTEGER,
        DECIMAL,
        FLOAT,
        DOUBLE,
        DATE,
        INSTANT,
        TEXT,
        JSON,
        ARRAY,
        OTHER
    }

    private static final Pattern WRAPPED = Pattern.compile("(?:nullable|lowcardinality)\\((.*)\\)");
    private static final Pattern PARTS =
            Pattern.compile("([a-z_0-9]+)[^(<]*(?:[(<]\\s*(\\d+)?\\s*(?:,\\s*(\\d+))?.*)?");
    private static final int MICROSECONDS = 6;
    private static final int BITS_OF_INT = 31;

    static TargetType parse(String type, DatabaseKind kind) {
        String plain = type.toLowerCase(Locale.ROOT).strip();
        Matcher wrapped = WRAPPED.matcher(plain);
        while (wrapped.matches()) {
            plain = wrapped.group(1);
            wrapped = WRAPPED.matcher(plain);
        }
        Matcher parts = PARTS.matcher(plain);
        if (!parts.matches()) {
            return new TargetType(Family.OTHER, -1, -1, type);
        }
        String name = parts.group(1);
        int first = number(parts.group(2));
        int second = number(parts.group(3));
        return switch (name) {
            case "bool", "boolean" -> new TargetType(Family.BOOLEAN, -1, -1, type);
            case "tinyint", "smallint", "int", "integer", "bigint", "largeint" ->
                new TargetType(Family.INTEGER, bits(name), -1, type);
            case "int8", "int16", "int32", "int64", "int128", "int256" ->
                new TargetType(Family.INTEGER, Integer.parseInt(name.substring(3)) - 1, -1, type);
            case "uint8", "uint16", "uint32", "uint64", "uint128", "uint256" ->
                new TargetType(Family.INTEGER, Integer.parseInt(name.substring(4)), -1, type);
            case "decimal", "decimalv3", "decimal32", "decimal64", "decimal128", "decimal256", "decimalv2" ->
                new TargetType(Family.DECIMAL, first, Math.max(0, second), type);
            case "float", "float32" -> new TargetType(Family.FLOAT, -1, -1, type);
            case "double", "float64" -> new TargetType(Family.DOUBLE, -1, -1, type);
            case "date", "date32", "datev2" -> new TargetType(Family.DATE, -1, -1, type);
            case "datetime", "datetimev2", "timestamp" -> new TargetType(Family.INSTANT, -1, digits(first, kind), type);
            case "datetime64" -> new TargetType(Family.INSTANT, -1, Math.max(0, first), type);
            case "varchar", "char", "fixedstring" -> new TargetType(Family.TEXT, first, -1, type);
            case "string", "text", "longtext", "mediumtext", "uuid", "enum8", "enum16" ->
                new TargetType(Family.TEXT, -1, -1, type);
            case "json", "jsonb", "variant" -> new TargetType(Family.JSON, -1, -1, type);
            case "array" -> new TargetType(Family.ARRAY, -1, -1, type);
            default -> new TargetType(Family.OTHER, -1, -1, type);
        };
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? -1 : Integer.parseInt(digits);
    }

    private static int bits(String name) {
        return switch (name) {
            case "tinyint" -> 7;
            case "smallint" -> 15;
            case "bigint" -> 63;
            case "largeint" -> 127;
            default -> BITS_OF_INT;
        };
    }

    /** StarRocks' DATETIME has microseconds, that of Doris none unless it says so; ClickHouse's DateTime never. */
    private static int digits(int declared, DatabaseKind kind) {
        return switch (kind) {
            case STARROCKS -> declared < 0 ? MICROSECONDS : declared;
            case DORIS -> Math.max(0, declared);
            case CLICKHOUSE -> 0;
        };
    }
}
