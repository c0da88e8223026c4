package io.pgseam.tool.verify;

import io.pgseam.tool.dialect.Shape;
import io.pgseam.tool.dialect.Shape.Kind;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.verify.TargetType.Family;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How the values of one column are compared.
 *
 * @param column the column
 * @param type its type in the target
 * @param precision what a match proves
 * @param note why it proves no more, in words; empty if it proves that the values are the same
 * @param form what both values are brought into before they are compared
 * @param unit what values of a type that holds less than the source's may differ by, because it may be rounded: the place of
 *     the last digit after the point; -1 if they may not differ
 * @param nullIsEmpty whether the target holds an empty array for NULL
 */
public record ColumnMatch(
        TargetColumn column,
        TargetType type,
        Precision precision,
        String note,
        Canonical form,
        int unit,
        boolean nullIsEmpty) {

    /** What a match proves. */
    public enum Precision {
        /** The values are the same. */
        EXACT,
        /** The values mean the same: both texts are read by the rules of their type. */
        PARSED,
        /** The values are the same as far as the target's type can hold them. */
        LOSSY;

        /** As JSON has it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int MICROSECONDS = 6;
    private static final int BITS_OF_FLOAT8 = 53;
    private static final int LONGEST_TEXT = 65_533;

    /**
     * Chooses how a column is compared.
     *
     * @param type the column's type in the target, as {@link io.pgseam.tool.target.TargetColumns} has it
     */
    public static ColumnMatch of(TargetColumn column, String type, DatabaseKind kind) {
        TargetType found = TargetType.parse(type, kind);
        return of(column, column.shape(), found, kind);
    }

    private static ColumnMatch of(TargetColumn column, Shape shape, TargetType type, DatabaseKind kind) {
        return switch (shape.kind()) {
            case BOOLEAN -> exact(column, type, Canonical.BOOLEAN);
            case INT2, INT4, INT8, UINT4 -> integer(column, shape.kind(), type);
            case FLOAT4, FLOAT8 -> floating(column, shape.kind(), type);
            case DECIMAL, NUMERIC -> decimal(column, shape, type, kind);
            case DATE -> exact(column, type, type.family() == Family.TEXT ? Canonical.AS_IS : Canonical.INSTANT);
            case TIMESTAMP -> instant(column, type);
            case JSON, DOCUMENT -> document(column, type);
            case ARRAY -> array(column, shape, type, kind);
            default -> text(column, shape, type);
        };
    }

    private static ColumnMatch exact(TargetColumn column, TargetType type, Canonical form) {
        return new ColumnMatch(column, type, Precision.EXACT, "", form, -1, false);
    }

    private static ColumnMatch parsed(TargetColumn column, TargetType type, String note, Canonical form) {
        return new ColumnMatch(column, type, Precision.PARSED, note, form, -1, false);
    }

    private static ColumnMatch lossy(TargetColumn column, TargetType type, String note, Canonical form, int unit) {
        return new ColumnMatch(column, type, Precision.LOSSY, type.text() + " " + note, form, unit, false);
    }

    private static ColumnMatch integer(TargetColumn column, Kind kind, TargetType type) {
        int bits = switch (kind) {
            case INT2 -> 15;
            case INT4 -> 31;
            case UINT4 -> 32;
            default -> 63;
        };
        return switch (type.family()) {
            case INTEGER ->
                type.length() >= bits
                        ? exact(column, type, Canonical.NUMBER)
                        : lossy(column, type, "does not hold every " + column.sourceType(), Canonical.NUMBER, -1);
            case FLOAT -> lossy(column, type, "holds 24 bits of an integer", Canonical.FLOAT, -1);
            case DOUBLE ->
                bits <= BITS_OF_FLOAT8
                        ? exact(column, type, Canonical.DOUBLE)
                        : lossy(column, type, "holds 53 bits of an integer", Canonical.DOUBLE, -1);
            default -> exact(column, type, Canonical.NUMBER);
        };
    }

    private static ColumnMatch floating(TargetColumn column, Kind kind, TargetType type) {
        if (kind == Kind.FLOAT8 && type.family() == Family.FLOAT) {
            return lossy(column, type, "holds 24 bits of a float8", Canonical.FLOAT, -1);
        }
        if (type.family() == Family.DECIMAL) {
            return lossy(
                    column,
                    type,
                    "is no float",
                    CanonicalForms.rounded(type.scale(), RoundingMode.HALF_UP),
                    type.scale());
        }
        return parsed(column, type, "as floats", kind == Kind.FLOAT4 ? Canonical.FLOAT : Canonical.DOUBLE);
    }

    private static ColumnMatch decimal(TargetColumn column, Shape shape, TargetType type, DatabaseKind kind) {
        return switch (type.family()) {
            case DECIMAL -> {
                boolean holds = shape.kind() == Kind.DECIMAL
                        && type.scale() >= shape.scale()
                        && type.length() - type.scale() >= shape.length() - shape.scale();
                yield holds
                        ? exact(column, type, Canonical.NUMBER)
                        : lossy(
                                column,
                                type,
                                "does not hold every " + column.sourceType() + ": compared to " + type.scale()
                                        + " digits after the point",
                                CanonicalForms.rounded(
                                        type.scale(),
                                        kind == DatabaseKind.CLICKHOUSE ? RoundingMode.DOWN : RoundingMode.HALF_UP),
                                type.scale());
            }
            case FLOAT -> lossy(column, type, "holds 7 digits of a numeric", Canonical.FLOAT, -1);
            case DOUBLE -> lossy(column, type, "holds 15 digits of a numeric", Canonical.DOUBLE, -1);
            case INTEGER -> lossy(column, type, "has no fraction", CanonicalForms.rounded(0, RoundingMode.HALF_UP), 0);
            default -> exact(column, type, Canonical.AS_IS);
        };
    }

    private static ColumnMatch instant(TargetColumn column, TargetType type) {
        return switch (type.family()) {
            case INSTANT ->
                type.scale() >= MICROSECONDS
                        ? exact(column, type, Canonical.INSTANT)
                        : lossy(
                                column,
                                type,
                                "has no microseconds: compared to " + type.scale() + " digits of a second",
                                CanonicalForms.cut(type.scale()),
                                -1);
            case DATE ->
                lossy(column, type, "has no time", value -> value.end(Math.min(value.to(), value.from() + 10)), -1);
            default -> exact(column, type, Canonical.AS_IS);
        };
    }

    private static ColumnMatch document(TargetColumn column, TargetType type) {
        return type.family() == Family.JSON
                ? lossy(
                        column,
                        type,
                        "holds fractions and integers of more than 64 bits as doubles: compared as JSON with such numbers",
                        CanonicalForms.document(true),
                        -1)
                : parsed(column, type, "as JSON", CanonicalForms.document(false));
    }

    private static ColumnMatch array(TargetColumn column, Shape shape, TargetType type, DatabaseKind kind) {
        if (type.family() != Family.ARRAY || shape.element() == null) {
            return parsed(column, type, "as JSON", CanonicalForms.document(false));
        }
        String text = type.text();
        ColumnMatch element = of(
                column,
                shape.element(),
                TargetType.parse(text.substring(elementStart(text), text.length() - 1), kind),
                kind);
        Canonical form = CanonicalForms.array(element.form());
        boolean nullIsEmpty = kind == DatabaseKind.CLICKHOUSE;
        String note = nullIsEmpty ? "as an array; NULL and [] are one there" : "as an array";
        return element.precision() == Precision.LOSSY
                ? new ColumnMatch(column, type, Precision.LOSSY, note + "; " + element.note(), form, -1, nullIsEmpty)
                : new ColumnMatch(column, type, Precision.PARSED, note, form, -1, nullIsEmpty);
    }

    private static int elementStart(String type) {
        int angle = type.indexOf('<');
        return (angle < 0 ? type.indexOf('(') : angle) + 1;
    }

    private static ColumnMatch text(TargetColumn column, Shape shape, TargetType type) {
        long longest = shape.kind() == Kind.BOUNDED_TEXT ? Math.min(4L * shape.length(), LONGEST_TEXT) : LONGEST_TEXT;
        boolean bounded = type.family() == Family.TEXT && type.length() >= 0;
        boolean unbounded =
                shape.kind() == Kind.BOUNDED_TEXT || shape.kind() == Kind.TEXT || shape.kind() == Kind.BYTES;
        return bounded && unbounded && type.length() < longest
                ? lossy(column, type, "does not hold every " + column.sourceType(), Canonical.AS_IS, -1)
                : exact(column, type, Canonical.AS_IS);
    }

    /** Whether two values in this form are the same, or differ by no more than the target may have rounded. */
    boolean same(byte[] source, byte[] target) {
        if (java.util.Arrays.equals(source, target)) {
            return true;
        }
        if (unit < 0) {
            return false;
        }
        try {
            BigDecimal difference = new BigDecimal(utf8(source)).subtract(new BigDecimal(utf8(target)));
            return difference.abs().compareTo(BigDecimal.ONE.movePointLeft(unit)) <= 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String utf8(byte[] text) {
        return new String(text, java.nio.charset.StandardCharsets.UTF_8);
    }
}
