package io.pgseam.tool.dialect;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TypeOids;
import org.jspecify.annotations.Nullable;

/**
 * What values of a column look like in a flat message, as far as the column of a target depends on it.
 *
 * @param kind what they are
 * @param length precision of a {@link Kind#DECIMAL}, most characters of a {@link Kind#BOUNDED_TEXT}; else 0
 * @param scale digits after the point of a {@link Kind#DECIMAL}; else 0
 * @param element what an {@link Kind#ARRAY} holds; else null
 */
public record Shape(
        Kind kind, int length, int scale, @Nullable Shape element) {

    /** The sorts of values. */
    public enum Kind {
        BOOLEAN,
        INT2,
        INT4,
        INT8,
        /** {@code oid}: 32 bits without a sign. */
        UINT4,
        FLOAT4,
        FLOAT8,
        /** {@code numeric} with precision and scale, as a string. */
        DECIMAL,
        /** {@code numeric} without, as a string. */
        NUMERIC,
        DATE,
        TIMESTAMP,
        TIME,
        UUID,
        INET,
        MACADDR,
        MACADDR8,
        ENUM,
        /** Text of at most so many characters. */
        BOUNDED_TEXT,
        TEXT,
        /** As base64. */
        BYTES,
        JSON,
        /** Nested JSON that is no json in the source: composites, hstore, arrays of more dimensions or of documents. */
        DOCUMENT,
        /** Of one dimension. */
        ARRAY
    }

    /** {@code VARHDRSZ}: a modifier of a type with a length counts these bytes, too. */
    private static final int HEADER = 4;

    private static final int LONGEST_NAME = 63;

    /** {@code \ooo}, if it is no ASCII. */
    private static final int LONGEST_CHAR = 4;

    private static final Shape TEXT = of(Kind.TEXT);
    private static final Shape DOCUMENT = of(Kind.DOCUMENT);

    private static Shape of(Kind kind) {
        return new Shape(kind, 0, 0, null);
    }

    /**
     * The shape of a column.
     *
     * @param modifier {@code atttypmod}; -1 for none
     * @param dimensions {@code attndims}: the declared dimensions of an array, which PostgreSQL does not enforce
     */
    public static Shape of(PgType type, int modifier, int dimensions) {
        if (type.kind() == PgType.Kind.DOMAIN && type.element() != null) {
            return of(type.element(), type.modifier(), dimensions);
        }
        return switch (type.kind()) {
            case ARRAY -> ofArray(type, modifier, dimensions);
            case COMPOSITE -> DOCUMENT;
            case ENUM -> of(Kind.ENUM);
            case BASE -> ofBase(type, modifier);
            default -> TEXT;
        };
    }

    private static Shape ofArray(PgType type, int modifier, int dimensions) {
        if (type.element() == null || type.oid() == TypeOids.INT2VECTOR || type.oid() == TypeOids.OIDVECTOR) {
            return TEXT;
        }
        Shape element = of(type.element(), modifier, 1);
        return switch (element.kind()) {
            case JSON, DOCUMENT, ARRAY -> DOCUMENT;
            default -> dimensions > 1 ? DOCUMENT : new Shape(Kind.ARRAY, 0, 0, element);
        };
    }

    private static Shape ofBase(PgType type, int modifier) {
        if (!"pg_catalog".equals(type.schema())) {
            return "hstore".equals(type.name()) ? DOCUMENT : TEXT;
        }
        return switch (type.name()) {
            case "bool" -> of(Kind.BOOLEAN);
            case "int2" -> of(Kind.INT2);
            case "int4" -> of(Kind.INT4);
            case "int8" -> of(Kind.INT8);
            case "oid" -> of(Kind.UINT4);
            case "float4" -> of(Kind.FLOAT4);
            case "float8" -> of(Kind.FLOAT8);
            case "numeric" -> modifier < 0 ? of(Kind.NUMERIC) : decimal(modifier - HEADER);
            case "date" -> of(Kind.DATE);
            case "timestamp", "timestamptz" -> of(Kind.TIMESTAMP);
            case "time" -> of(Kind.TIME);
            case "uuid" -> of(Kind.UUID);
            case "inet", "cidr" -> of(Kind.INET);
            case "macaddr" -> of(Kind.MACADDR);
            case "macaddr8" -> of(Kind.MACADDR8);
            case "json", "jsonb" -> of(Kind.JSON);
            case "bytea" -> of(Kind.BYTES);
            case "name" -> bounded(LONGEST_NAME);
            case "char" -> bounded(LONGEST_CHAR);
            case "varchar", "bpchar" -> modifier < 0 ? TEXT : bounded(modifier - HEADER);
            default -> TEXT;
        };
    }

    private static Shape bounded(int characters) {
        return new Shape(Kind.BOUNDED_TEXT, characters, 0, null);
    }

    /** The lower 11 bits hold the scale, since PostgreSQL 15 with a sign; a scale may be above the precision. */
    private static Shape decimal(int precisionAndScale) {
        int precision = precisionAndScale >>> 16;
        int scale = ((precisionAndScale & 0x7FF) ^ 0x400) - 0x400;
        if (scale < 0) {
            return new Shape(Kind.DECIMAL, precision - scale, 0, null);
        }
        return new Shape(Kind.DECIMAL, Math.max(precision, scale), scale, null);
    }
}
