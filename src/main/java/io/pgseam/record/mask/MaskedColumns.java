package io.pgseam.record.mask;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Kind;
import io.pgseam.pg.TypeOids;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which columns can be masked: those whose values are strings in either format. */
public final class MaskedColumns {

    /** Their values are plain strings; a masked one is one, too. */
    private static final Set<Long> STRINGS =
            Set.of((long) TypeOids.TEXT, (long) TypeOids.VARCHAR, (long) TypeOids.BPCHAR, (long) TypeOids.NAME);

    /** Their values are strings of a form of their own, which a masked one does not have. */
    private static final Set<String> STRINGS_OF_A_FORM =
            Set.of("char", "citext", "uuid", "json", "jsonb", "xml", "inet", "cidr", "macaddr", "macaddr8");

    /** {@code VARHDRSZ}: a modifier of a type with a length counts these bytes, too. */
    private static final int HEADER = 4;

    /** As which a masked column is written that had a form of its own. */
    private static final PgType TEXT = new PgType(TypeOids.TEXT, "pg_catalog", "text", Kind.BASE, null, -1, ',');

    private MaskedColumns() {}

    private static boolean isString(PgType type) {
        PgType underlying = type.underlying();
        return underlying.kind() == Kind.BASE && STRINGS.contains(underlying.oid());
    }

    /** What a format, or a table made after the messages, sees of a masked column: a masked uuid is none, and asterisks know no limit. */
    public static Column shown(Column column, Mask mask) {
        return isString(column.type()) && !(mask instanceof FixedMask)
                ? column
                : new Column(column.name(), TEXT, -1, column.notNull(), column.keyPosition(), column.inRowKey());
    }

    /** How many characters a type allows; 0 if it sets no limit. */
    public static int mostCharacters(PgType type, int modifier) {
        PgType underlying = type;
        int length = modifier;
        while (underlying.kind() == Kind.DOMAIN && underlying.element() != null) {
            length = length < 0 ? underlying.modifier() : length;
            underlying = underlying.element();
        }
        if (underlying.oid() == TypeOids.CHAR) {
            return 1;
        }
        boolean limited = underlying.oid() == TypeOids.VARCHAR || underlying.oid() == TypeOids.BPCHAR;
        return limited && length > HEADER ? length - HEADER : 0;
    }

    /**
     * Why a column cannot be masked, as the rest of a sentence about it; null if it can be.
     *
     * @param key whether the column is part of the record key or of the row key
     * @param hashedKeys whether columns of a key may be hashed
     */
    public static @Nullable String problem(Mask mask, PgType type, int modifier, boolean key, boolean hashedKeys) {
        PgType underlying = type.underlying();
        boolean maskable = isString(type)
                || underlying.kind() == Kind.ENUM
                || (underlying.kind() == Kind.BASE && STRINGS_OF_A_FORM.contains(underlying.name()));
        if (!maskable) {
            return "its type " + type.name() + " is not one of strings";
        }
        if (!key) {
            return null;
        }
        if (!(mask instanceof HashMask hash)) {
            return "it is part of the key, and masked keys of different rows would be equal";
        }
        if (!hashedKeys) {
            return "it is part of the key, and column.mask.keys=refuse";
        }
        int most = mostCharacters(type, modifier);
        return most > 0 && most < hash.characters()
                ? "it is part of the key, and its type has no room for the " + hash.characters()
                        + " characters of a hash: hashes that are cut may be equal"
                : null;
    }
}
