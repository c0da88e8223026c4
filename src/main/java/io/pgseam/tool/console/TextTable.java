package io.pgseam.tool.console;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns, two blanks apart. Numbers are aligned to the right. */
public final class TextTable {

    private record Column(String heading, boolean right) {}

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a column of text. */
    public TextTable text(String heading) {
        columns.add(new Column(heading, false));
        return this;
    }

    /** Adds a column of figures. */
    public TextTable figures(String heading) {
        columns.add(new Column(heading, true));
        return this;
    }

    /** Adds a row; one cell for each column. */
    public void row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Writes the headings and the rows. */
    public void print(Console console) {
        int[] widths = new int[columns.size()];
        List<String> headings = columns.stream().map(Column::heading).toList();
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    length(headings.get(i)),
                    rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0));
        }
        console.line(console.faint(line(headings, widths)));
        rows.forEach(row -> console.line(line(row, widths)));
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - length(cells.get(i)));
            line.append(i == 0 ? "" : "  ");
            line.append(columns.get(i).right() ? padding + cells.get(i) : cells.get(i) + padding);
        }
        return line.toString().stripTrailing();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
