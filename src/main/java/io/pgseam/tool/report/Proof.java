package io.pgseam.tool.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.TableProgress;
import io.pgseam.tool.verify.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code pgseam verify --json} has written.
 *
 * @param against what the topics were compared with: {@code manifests}, {@code source} or {@code target}
 * @param verdict what was found
 * @param lsn the LSN of the comparison
 * @param finishedMs when it was over, in ms since 1970; 0 if it is not known
 * @param items what was found of each topic or table
 * @param byPlace the same by topic, or by name if verify does not name a topic; of several the worst
 */
public record Proof(
        String against, Verdict verdict, Lsn lsn, long finishedMs, List<Item> items, Map<String, Verdict> byPlace) {

    /** How a column is compared of which nothing has to be said. */
    private static final String EXACT = "exact";

    /**
     * One topic or table.
     *
     * @param name its name
     * @param topic its topic; empty if verify does not name it
     * @param figures what was counted, by verify's name of it
     * @param reasons what else verify has to say
     */
    public record Item(String name, String topic, Verdict verdict, Map<String, Long> figures, List<String> reasons) {}

    public Proof {
        items = List.copyOf(items);
        byPlace = Map.copyOf(byPlace);
    }

    /**
     * Reads a result.
     *
     * @param result the JSON
     * @param source where it comes from, for messages
     * @param connector the connector that it has to be of: {@code topic.prefix}
     * @throws CommandFailure if it is no result of verify, or that of another connector
     */
    public static Proof of(JsonNode result, String source, String connector) {
        if (!result.path("against").isTextual() || !result.path("verdict").isTextual()) {
            throw new CommandFailure(source + " is no result of pgseam verify --json");
        }
        String of = result.path("connector").asText(connector);
        if (!of.equals(connector)) {
            throw new CommandFailure(source + " is about connector " + of + ", and the report is about " + connector);
        }
        List<Item> items = new ArrayList<>();
        result.path("topics").forEach(topic -> items.add(item(topic, "topic", source)));
        result.path("tables").forEach(table -> items.add(item(table, "table", source)));
        Map<String, Verdict> byPlace = new HashMap<>();
        items.forEach(item ->
                byPlace.merge(item.topic().isEmpty() ? item.name() : item.topic(), item.verdict(), Verdict::and));
        return new Proof(
                result.path("against").asText(),
                verdict(result, source),
                lsn(result, source),
                result.path("finished_ms").asLong(),
                items,
                byPlace);
    }

    private static Lsn lsn(JsonNode result, String source) {
        try {
            return Lsn.parse(result.path("lsn").asText());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(source + " has no LSN: it is no result of pgseam verify --json", e);
        }
    }

    private static Verdict verdict(JsonNode node, String source) {
        String code = node.path("verdict").asText();
        return Arrays.stream(Verdict.values())
                .filter(verdict -> verdict.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        source + " has a verdict that this version does not know: " + code.toLowerCase(Locale.ROOT)));
    }

    private static Item item(JsonNode node, String kind, String source) {
        Map<String, Long> figures = new LinkedHashMap<>();
        node.properties().forEach(field -> {
            if (field.getValue().isIntegralNumber()) {
                figures.put(field.getKey(), field.getValue().asLong());
            }
        });
        List<String> reasons = new ArrayList<>();
        node.path("reasons").forEach(reason -> reasons.add(reason.asText()));
        node.path("columns").forEach(column -> {
            if (!column.path("compared").asText(EXACT).equals(EXACT)) {
                reasons.add("column " + column.path("column").asText() + ": "
                        + column.path("compared").asText() + ", "
                        + column.path("note").asText());
            }
        });
        return new Item(node.path(kind).asText(), node.path("topic").asText(), verdict(node, source), figures, reasons);
    }

    /** What it says of a table: by its topic, or by its name if verify does not name topics. Empty if it says nothing. */
    public Optional<Verdict> of(TableProgress table) {
        return Optional.ofNullable(byPlace.getOrDefault(table.topic(), byPlace.get(table.publishedAs())));
    }

    /** Whether it is about the copy that was completed at this LSN, not about one from before. */
    public boolean isOf(Lsn seam) {
        return against.equals("manifests") ? lsn.equals(seam) : !lsn.isBefore(seam);
    }

    /** What its items are. */
    public String unit() {
        return against.equals("manifests") ? "topic" : "table";
    }

    /** What is proved if it says equal, for people. */
    public String claim() {
        return switch (against) {
            case "manifests" -> "Topics against what the connector read";
            case "source" -> "Topics against the source";
            case "target" -> "Target against the source";
            default -> "Against " + against;
        };
    }
}
