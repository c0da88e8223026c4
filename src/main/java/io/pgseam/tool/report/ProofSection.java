package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.verify.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What one run of verify has found: at length where something is not equal. */
record ProofSection(Proof proof) {

    private static final int MOST_REASONS = 10;

    void addTo(Markup page) {
        List<Proof.Item> others = new ArrayList<>();
        List<Proof.Item> equal = new ArrayList<>();
        proof.items().forEach(item -> (item.verdict() == Verdict.EQUAL ? equal : others).add(item));
        others.sort(Comparator.comparing(Proof.Item::verdict).reversed().thenComparing(Proof.Item::name));
        List<String> columns = proof.items().stream()
                .flatMap(item -> item.figures().entrySet().stream()
                        .filter(figure -> figure.getValue() != 0)
                        .map(Map.Entry::getKey))
                .distinct()
                .toList();
        page.add("<h3>{} ", proof.claim()).add(badge(proof.verdict())).add("</h3>");
        page.add(
                "<p class=\"note\">As of LSN {}{}. {} of {} equal.</p>",
                proof.lsn(),
                proof.finishedMs() == 0 ? "" : ", finished " + ReportPage.moment(proof.finishedMs()),
                Figures.count(equal.size()),
                Figures.count(proof.items().size(), proof.unit()));
        Markup head = new Markup().add("<th>{}</th><th></th>", proof.unit());
        columns.forEach(column -> head.add("<th class=\"n\">{}</th>", column.replace('_', ' ')));
        Listing listing = new Listing(head, columns.size() + 2);
        if (!others.isEmpty()) {
            listing.addTo(page, others, item -> row(item, columns));
        }
        if (!equal.isEmpty()) {
            page.add("<details><summary>{} equal</summary>", Figures.count(equal.size()));
            listing.addAllTo(page, equal, item -> row(item, columns));
            page.add("</details>");
        }
    }

    private static Markup row(Proof.Item item, List<String> columns) {
        Markup row = new Markup()
                .add("<tr><td class=\"name\">{}</td><td>", item.name())
                .add(badge(item.verdict()))
                .add("</td>");
        columns.forEach(column ->
                row.add("<td class=\"n\">{}</td>", Figures.count(item.figures().getOrDefault(column, 0L))));
        row.add("</tr>");
        if (!item.reasons().isEmpty()) {
            row.add("<tr class=\"more\"><td colspan=\"{}\">", columns.size() + 2);
            item.reasons().stream().limit(MOST_REASONS).forEach(reason -> row.add("<p>{}</p>", reason));
            if (item.reasons().size() > MOST_REASONS) {
                row.add("<p>… and {} more</p>", item.reasons().size() - MOST_REASONS);
            }
            row.add("</td></tr>");
        }
        return row;
    }

    static Markup badge(Verdict verdict) {
        return switch (verdict) {
            case EQUAL -> new Markup().add("<span class=\"badge good\">equal</span>");
            case UNKNOWN -> new Markup().add("<span class=\"badge reservation\">not proved</span>");
            case DIFFERENT -> new Markup().add("<span class=\"badge bad\">different</span>");
        };
    }
}
