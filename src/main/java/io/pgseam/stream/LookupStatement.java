package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The statement that reads what is wanted of many rows of one table, by their keys.
 *
 * <p>Each line it gives has: the number of the lookup; the OID that the table's name stands for; whether the row is there; how
 * many bytes of the server's storage the values of this line and those before take; and a value for each of
 * {@link #fields()}. There is a line for each lookup from the first on, in order, until the values take too much room.
 *
 * <p>Keys are compared as values of their type, not as text. They stand in the statement as {@code E''} literals, which mean the
 * same whatever {@code standard_conforming_strings} says: COPY takes no parameters. Values are cast to the type that they had
 * when the change was made, which costs nothing where that is their type still.
 */
final class LookupStatement {

    /** Fields of a line before the values. */
    static final int VALUES_FROM = 4;

    private final CapturedRelation relation;
    private final LookupTarget target;
    private final List<Lookup> lookups;
    private final Map<String, String> renamed;
    private final boolean unconverted;
    private final List<Integer> fields = new ArrayList<>();

    /**
     * @param lookups those of this relation, in the order of the stream
     * @param wanted the fields that any of them wants
     * @param renamed names of columns now, by those when the change was made; where they differ
     * @param unconverted whether the server is not to convert the values' text, see {@link DatabaseEncoding#unconverted}
     */
    LookupStatement(
            CapturedRelation relation,
            LookupTarget target,
            List<Lookup> lookups,
            BitSet wanted,
            Map<String, String> renamed,
            boolean unconverted) {
        this.unconverted = unconverted;
        this.relation = relation;
        this.target = target;
        this.lookups = lookups;
        this.renamed = renamed;
        wanted.stream()
                .filter(field -> target.has(nameNow(relation.columns().get(field))))
                .forEach(fields::add);
    }

    /** The fields of the relation's rows whose values the lines have. */
    List<Integer> fields() {
        return fields;
    }

    /** @param storedBytes how much storage the values may take, give or take a row */
    String sql(long storedBytes) {
        StringBuilder sql = new StringBuilder(200 + lookups.size() * 40);
        sql.append("COPY (SELECT r.n, r.relation, r.found, r.stored");
        for (int i = 0; i < fields.size(); i++) {
            sql.append(", r.v").append(i);
        }
        sql.append(" FROM (SELECT k.n, pg_catalog.to_regclass(")
                .append(literal(target.id().quoted()))
                .append(")::oid::int8 AS relation, t.tableoid IS NOT NULL AS found");
        for (int i = 0; i < fields.size(); i++) {
            sql.append(", ").append(value(i)).append(" AS v").append(i);
        }
        // Neither the size nor the order makes the server read a value that is stored apart from its row.
        sql.append(", sum(0");
        for (int i = 0; i < fields.size(); i++) {
            sql.append(" + coalesce(pg_catalog.pg_column_size(")
                    .append(wantedOnly(i, column(fields.get(i))))
                    .append("), 0)");
        }
        sql.append(") OVER (ORDER BY k.n) AS stored, lag(k.n) OVER (ORDER BY k.n) AS before");
        sql.append(" FROM (VALUES ");
        for (int n = 0; n < lookups.size(); n++) {
            sql.append(n == 0 ? "(" : ", (").append(n);
            lookups.get(n).key().forEach(value -> sql.append(", ").append(literal(value)));
            for (int field : fields) {
                sql.append(", ").append(lookups.get(n).wants(field));
            }
            sql.append(')');
        }
        sql.append(") AS k(n");
        int[] key = relation.keyFields();
        for (int i = 0; i < key.length; i++) {
            sql.append(", k").append(i);
        }
        for (int i = 0; i < fields.size(); i++) {
            sql.append(", w").append(i);
        }
        sql.append(") LEFT JOIN ")
                .append(target.partitioned() ? "" : "ONLY ")
                .append(target.id().quoted())
                .append(" AS t ON ");
        for (int i = 0; i < key.length; i++) {
            Column column = relation.columns().get(key[i]);
            // The operators of an index are those of the type below a domain, and polymorphic ones do not look below
            // it.
            String type = "::" + type(column.type().underlying());
            sql.append(i == 0 ? "" : " AND ")
                    .append(column(key[i]))
                    .append(column.type().kind() == PgType.Kind.DOMAIN ? type : "")
                    .append(' ')
                    .append(target.equalityOf(nameNow(column)))
                    .append(" k.k")
                    .append(i)
                    .append(type);
        }
        return sql.append(") AS r WHERE r.before IS NULL OR r.stored <= ")
                .append(storedBytes)
                .append(" ORDER BY r.n) TO STDOUT")
                .toString();
    }

    private String value(int index) {
        Column column = relation.columns().get(fields.get(index));
        String value = column(fields.get(index)) + "::" + type(column.type());
        return wantedOnly(index, unconverted ? DatabaseEncoding.unconverted(value) : value);
    }

    /** Where the value was sent, it may be large, and is not read for nothing. */
    private static String wantedOnly(int index, String expression) {
        return "CASE WHEN k.w" + index + " THEN " + expression + " END";
    }

    private String column(int field) {
        return "t." + TableId.quoteIdentifier(nameNow(relation.columns().get(field)));
    }

    private String nameNow(Column column) {
        return renamed.getOrDefault(column.name(), column.name());
    }

    private static String type(PgType type) {
        return TableId.quoteIdentifier(type.schema()) + "." + TableId.quoteIdentifier(type.name());
    }

    static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
