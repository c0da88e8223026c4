package io.pgseam.tool.target;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One row of a query's answer: texts, as the database writes values. */
public final class Row {

    private final List<String> columns;
    private final @Nullable String[] values;

    Row(List<String> columns, @Nullable String[] values) {
        this.columns = columns;
        this.values = values;
    }

    /** The names of the columns. */
    public List<String> columns() {
        return columns;
    }

    /** The number of columns. */
    public int size() {
        return values.length;
    }

    /** A value by its place, from 0; null for NULL. */
    public @Nullable String get(int column) {
        return values[column];
    }

    /**
     * A value by its column's name; null for NULL.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public @Nullable String get(String column) {
        int place = columns.indexOf(column);
        if (place < 0) {
            throw new IllegalArgumentException("no column " + column + " among " + columns);
        }
        return values[place];
    }

    /** A value that is not NULL. */
    public String text(String column) {
        String value = get(column);
        if (value == null) {
            throw new IllegalArgumentException("column " + column + " is NULL");
        }
        return value;
    }
}
