package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import java.util.List;
import java.util.function.Function;

/**
 * A table of a page.
 *
 * @param head its {@code th} elements
 * @param columns how many there are
 */
record Listing(Markup head, int columns) {

    /** Of a long list, what is seen at once; the rest unfolds. */
    private static final int SEEN = 12;

    /** Of a long list, what is in the page at all. */
    private static final int MOST = 500;

    /** Adds the first rows, and the others folded. */
    <T> void addTo(Markup page, List<T> items, Function<T, Markup> row) {
        addAllTo(page, items.subList(0, Math.min(SEEN, items.size())), row);
        if (items.size() > SEEN) {
            page.add("<details><summary>{} more</summary>", Figures.count(items.size() - SEEN));
            addAllTo(page, items.subList(SEEN, items.size()), row);
            page.add("</details>");
        }
    }

    /** Adds the rows, and how many are left out. */
    <T> void addAllTo(Markup page, List<T> items, Function<T, Markup> row) {
        page.add("<div class=\"wide\"><table><thead><tr>").add(head).add("</tr></thead><tbody>");
        items.stream().limit(MOST).forEach(item -> page.add(row.apply(item)));
        if (items.size() > MOST) {
            page.add(
                    "<tr class=\"more\"><td colspan=\"{}\">… and {} more</td></tr>",
                    columns,
                    Figures.count(items.size() - MOST));
        }
        page.add("</tbody></table></div>");
    }
}
