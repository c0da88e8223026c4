package io.pgseam.pg;

/** Writes a type with its modifier, for people and for those who make a table like the source's. */
public final class TypeText {

    /** {@code VARHDRSZ}: a modifier of a type with a length counts these bytes, too. */
    private static final int HEADER = 4;

    private static final int INTERVAL_FULL_PRECISION = 0xFFFF;

    private TypeText() {}

    /**
     * The type under its name in {@code pg_type}, after its schema where that is not the system's: {@code int4}, {@code
     * numeric(12,2)}, {@code varchar(40)[]}, {@code public.mood}.
     *
     * @param modifier {@code atttypmod}; -1 for none
     */
    public static String of(PgType type, int modifier) {
        if (type.kind() == PgType.Kind.ARRAY && type.element() != null) {
            return of(type.element(), modifier) + "[]";
        }
        String name = "pg_catalog".equals(type.schema()) ? type.name() : type.schema() + "." + type.name();
        return modifier < 0 || !"pg_catalog".equals(type.schema()) ? name : name + suffix(type.name(), modifier);
    }

    private static String suffix(String name, int modifier) {
        return switch (name) {
            case "numeric" -> {
                int precisionAndScale = modifier - HEADER;
                // The lower 11 bits hold the scale, since PostgreSQL 15 with a sign.
                int scale = ((precisionAndScale & 0x7FF) ^ 0x400) - 0x400;
                yield "(" + (precisionAndScale >>> 16) + "," + scale + ")";
            }
            case "varchar", "bpchar" -> "(" + (modifier - HEADER) + ")";
            case "bit", "varbit", "time", "timetz", "timestamp", "timestamptz" -> "(" + modifier + ")";
            case "interval" -> {
                int precision = modifier & 0xFFFF;
                yield precision == INTERVAL_FULL_PRECISION ? "" : "(" + precision + ")";
            }
            default -> "";
        };
    }
}
