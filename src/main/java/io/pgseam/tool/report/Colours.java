package io.pgseam.tool.report;

import io.pgseam.tool.report.Timeline.Span;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The largest tables have a colour each, all others share one. Colours are classes of the style sheet. */
final class Colours {

    /** So many can be told from each other. */
    static final int OWN = 7;

    /** All others. */
    static final int SHARED = OWN;

    private final Map<String, Integer> colours = new LinkedHashMap<>();

    /** By bytes that were copied. */
    Colours(List<Span> spans) {
        Map<String, Long> bytes = new HashMap<>();
        spans.forEach(span -> bytes.merge(span.relation(), span.bytes() + 1, Long::sum));
        bytes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(OWN)
                .forEach(table -> colours.put(table.getKey(), colours.size()));
        others = bytes.size() - colours.size();
    }

    private final int others;

    int of(String relation) {
        return colours.getOrDefault(relation, SHARED);
    }

    /** The tables that have a colour of their own, the largest first. */
    List<String> named() {
        return List.copyOf(colours.keySet());
    }

    /** How many share one. */
    int others() {
        return others;
    }
}
