package io.pgseam.pg;

/**
 * OIDs of built-in types, which never change: {@code src/include/catalog/pg_type.dat} of PostgreSQL.
 *
 * <p>Types of extensions (citext, hstore) have another OID in each database, and are known by name.
 */
public final class TypeOids {

    public static final int BOOL = 16;
    public static final int BYTEA = 17;
    /** {@code "char"}, a single byte; not {@code char(n)}. */
    public static final int CHAR = 18;

    public static final int INT8 = 20;
    public static final int INT2 = 21;
    /** Has the category of an array, but a text form of its own: numbers with spaces between them. */
    public static final int INT2VECTOR = 22;

    public static final int INT4 = 23;
    public static final int OID = 26;
    /** Like {@link #INT2VECTOR}. */
    public static final int OIDVECTOR = 30;

    public static final int NAME = 19;
    public static final int TEXT = 25;
    public static final int BPCHAR = 1042;
    public static final int VARCHAR = 1043;

    public static final int JSON = 114;
    public static final int FLOAT4 = 700;
    public static final int FLOAT8 = 701;
    public static final int DATE = 1082;
    public static final int TIME = 1083;
    public static final int TIMESTAMP = 1114;
    public static final int TIMESTAMPTZ = 1184;
    public static final int TIMETZ = 1266;
    public static final int NUMERIC = 1700;
    public static final int JSONB = 3802;

    private TypeOids() {}
}
