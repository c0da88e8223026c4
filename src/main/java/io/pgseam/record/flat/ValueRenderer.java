package io.pgseam.record.flat;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TypeOids;
import io.pgseam.record.json.JsonBuffer;

/**
 * Writes the values of one type as JSON.
 *
 * <p>A renderer may keep scratch memory: one thread at a time.
 */
sealed interface ValueRenderer
        permits ArrayRenderer,
                BooleanRenderer,
                ByteaRenderer,
                CharRenderer,
                CompositeRenderer,
                DateRenderer,
                FallbackRenderer,
                FloatRenderer,
                HstoreRenderer,
                JsonRenderer,
                NumericRenderer,
                RawRenderer,
                TextRenderer,
                TimeRenderer,
                TimestampRenderer,
                ZonedTimestampRenderer {

    /**
     * Appends one value that is not NULL.
     *
     * @param source holds PostgreSQL's text of the value, in UTF-8; it is not changed
     * @throws IllegalArgumentException where that text is not what PostgreSQL writes for the type, or cannot be represented
     *     and the policy is to fail; the message does not tell the value
     */
    void render(byte[] source, int start, int length, JsonBuffer out);

    /**
     * The renderer for a type: PostgreSQL's text as a string for every type that has none of its own.
     *
     * @param fallback renders what the target cannot hold
     */
    static ValueRenderer of(PgType type, ValueRenderer fallback) {
        PgType underlying = type.underlying();
        if (underlying.kind() == PgType.Kind.BASE && "hstore".equals(underlying.name())) {
            return new HstoreRenderer();
        }
        if (underlying.kind() == PgType.Kind.ARRAY) {
            return ofArray(underlying, fallback);
        }
        if (underlying.kind() == PgType.Kind.COMPOSITE) {
            return new CompositeRenderer(underlying, fallback);
        }
        return switch ((int) underlying.oid()) {
            case TypeOids.INT2, TypeOids.INT4, TypeOids.INT8, TypeOids.OID, TypeOids.JSONB -> new RawRenderer();
            case TypeOids.JSON -> new JsonRenderer(fallback);
            case TypeOids.CHAR -> new CharRenderer();
            case TypeOids.FLOAT4, TypeOids.FLOAT8 -> new FloatRenderer(fallback);
            case TypeOids.NUMERIC -> new NumericRenderer(fallback);
            case TypeOids.BOOL -> new BooleanRenderer();
            case TypeOids.DATE -> new DateRenderer(fallback);
            case TypeOids.TIME, TypeOids.TIMETZ -> new TimeRenderer(fallback);
            case TypeOids.TIMESTAMP -> new TimestampRenderer(fallback);
            case TypeOids.TIMESTAMPTZ -> new ZonedTimestampRenderer(fallback);
            case TypeOids.BYTEA -> new ByteaRenderer();
            default -> new TextRenderer();
        };
    }

    private static ValueRenderer ofArray(PgType array, ValueRenderer fallback) {
        PgType element = array.element();
        if (element == null || array.oid() == TypeOids.INT2VECTOR || array.oid() == TypeOids.OIDVECTOR) {
            return new TextRenderer();
        }
        return new ArrayRenderer(of(element, fallback), element.delimiter());
    }
}
