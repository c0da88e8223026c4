package io.pgseam.snapshot;

import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TextRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Columns whose text the server sends as it is stored, because it cannot convert some of it to UTF-8. */
final class UnconvertedColumns {

    private final Set<String> names;
    private final boolean[] fields;
    private final DatabaseEncoding encoding;

    /**
     * @param names of columns of the table
     * @param columns all columns that are copied, in their order
     */
    UnconvertedColumns(Set<String> names, List<String> columns, DatabaseEncoding encoding) {
        this.names = Set.copyOf(names);
        this.encoding = encoding;
        this.fields = new boolean[columns.size()];
        for (int field = 0; field < fields.length; field++) {
            fields[field] = names.contains(columns.get(field));
        }
    }

    Set<String> names() {
        return names;
    }

    /** The row in UTF-8, with U+FFFD in place of what has no form there. */
    TextRow utf8(TextRow row) {
        List<byte[]> values = new ArrayList<>();
        for (int field = 0; field < row.size(); field++) {
            if (row.isNull(field)) {
                values.add(null);
            } else if (fields[field]) {
                values.add(encoding.utf8Replacing(DatabaseEncoding.bytesOf(row, field)));
            } else {
                int start = row.start(field);
                values.add(Arrays.copyOfRange(row.bytes(), start, start + row.length(field)));
            }
        }
        return TextRow.of(values);
    }
}
