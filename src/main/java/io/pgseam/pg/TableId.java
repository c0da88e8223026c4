package io.pgseam.pg;

/**
 * The name of a table as PostgreSQL stores it: case and characters as they are, not quoted.
 *
 * @param schema the schema's name
 * @param name the table's name
 */
public record TableId(String schema, String name) implements Comparable<TableId> {

    public TableId {
        if (schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException("a table needs a schema and a name: '" + schema + "'.'" + name + "'");
        }
    }

    /** Both parts as quoted identifiers, ready for SQL: {@code "public"."Order Lines"}. */
    public String quoted() {
        return quoteIdentifier(schema) + "." + quoteIdentifier(name);
    }

    /** One name as a quoted SQL identifier. */
    public static String quoteIdentifier(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableId other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    /** {@code schema.name}, for people and for matching with the include and exclude lists. */
    @Override
    public String toString() {
        return schema + "." + name;
    }
}
