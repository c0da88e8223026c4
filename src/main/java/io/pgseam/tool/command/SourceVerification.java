package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.capture.SetAside;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.UnchangedToastPolicy;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import io.pgseam.tool.verify.Difference;
import io.pgseam.tool.verify.Manifests;
import io.pgseam.tool.verify.MessageRows;
import io.pgseam.tool.verify.PartitionReader;
import io.pgseam.tool.verify.SourceCheck;
import io.pgseam.tool.verify.SourceSnapshot;
import io.pgseam.tool.verify.TableResult;
import io.pgseam.tool.verify.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code verify --source}: takes a snapshot of the source, waits until the topics have it, and compares. */
final class SourceVerification {

    private final Console console;
    private final PgSeamSettings settings;
    private final Map<String, Object> clients;
    private final Manifests manifests;
    private final Path workDirectory;
    private final int named;
    private final @Nullable Duration timeout;

    /**
     * @param named how many differences of a table are named
     * @param timeout how long to wait until the topics have what the snapshot shows; null for no limit
     */
    SourceVerification(
            Console console,
            PgSeamSettings settings,
            Map<String, Object> clients,
            Manifests manifests,
            Path workDirectory,
            int named,
            @Nullable Duration timeout) {
        this.console = console;
        this.settings = settings;
        this.clients = clients;
        this.manifests = manifests;
        this.workDirectory = workDirectory;
        this.named = named;
        this.timeout = timeout;
    }

    /**
     * Compares tables, and writes what it has found.
     *
     * @param tables as {@code schema.table}; empty for all
     */
    Verdict run(List<String> tables, boolean json) {
        if (settings.stream().unchangedToast() == UnchangedToastPolicy.PLACEHOLDER) {
            throw new CommandFailure("messages of updates have a placeholder for TOASTed values that did not change"
                    + " (toast.unchanged=placeholder), so that a topic does not give whole rows");
        }
        if (!settings.masks().isEmpty()) {
            throw new CommandFailure(
                    "columns are masked, and --source compares values as the source has them. pgseam verify without it"
                            + " compares what was sent");
        }
        List<TableResult> results;
        Lsn lsn;
        try (SourceSnapshot source = SourceSnapshot.open(settings);
                ProgressLine progress = new ProgressLine(console)) {
            lsn = source.lsn();
            TopicsWait.await(settings, clients, lsn, timeout, progress);
            results = compare(source, named(source.tables(), tables), progress);
        }
        Verdict verdict = results.stream().map(TableResult::verdict).reduce(Verdict.EQUAL, Verdict::and);
        if (json) {
            writeJson(lsn, results, verdict);
        } else {
            writeText(lsn, results, verdict);
        }
        return verdict;
    }

    /**
     * The captured tables that are named, or all of them if none is.
     *
     * @throws CommandFailure if one that is named is not there
     */
    static List<CapturedTable> named(List<CapturedTable> captured, List<String> tables) {
        for (String table : tables) {
            if (captured.stream().noneMatch(found -> found.id().toString().equals(table))) {
                throw new CommandFailure(
                        "the connector captures no table " + table + ": pgseam plan lists those that it does");
            }
        }
        return captured.stream()
                .filter(table -> tables.isEmpty() || tables.contains(table.id().toString()))
                .toList();
    }

    private List<TableResult> compare(SourceSnapshot source, List<CapturedTable> tables, ProgressLine progress) {
        Map<String, List<CapturedTable>> byTopic = tables.stream()
                .collect(Collectors.groupingBy(table -> settings.topics().topicFor(table.id())));
        List<TableResult> results = new ArrayList<>();
        try (TopicOffsets offsets = new TopicOffsets(clients);
                PartitionReader reader = new PartitionReader(clients)) {
            Map<String, Map<Integer, Extent>> extents = offsets.extents(byTopic.keySet());
            SourceCheck check = new SourceCheck(
                    reader,
                    MessageRows.of(settings.output().pack() != null),
                    settings.flat(),
                    workDirectory,
                    progress,
                    named);
            for (CapturedTable table : tables) {
                String topic = settings.topics().topicFor(table.id());
                if (byTopic.getOrDefault(topic, List.of()).size() > 1) {
                    results.add(without(table, topic, "several tables share the topic: their rows are not told apart"));
                    continue;
                }
                Map<Integer, Extent> partitions = extents.getOrDefault(topic, Map.of());
                SetAside aside = source.setAside(table);
                // A table that was captured before stays so.
                if (aside != null && partitions.values().stream().allMatch(extent -> extent.end() == 0)) {
                    results.add(without(
                            table, topic, "is not captured: " + aside.why() + ". To capture it, " + aside.remedy()));
                    continue;
                }
                results.add(check.check(source, table, topic, manifests, partitions));
            }
        }
        return results;
    }

    private static TableResult without(CapturedTable table, String topic, String reason) {
        return new TableResult(
                table.id().toString(), topic, Verdict.UNKNOWN, 0, 0, 0, 0, 0, 0, List.of(), List.of(reason));
    }

    private void writeText(Lsn lsn, List<TableResult> results, Verdict verdict) {
        TextTable table = new TextTable()
                .text("table")
                .figures("rows")
                .figures("messages")
                .figures("missing")
                .figures("extra")
                .figures("different")
                .text("");
        results.forEach(result -> table.row(
                result.table(),
                Figures.count(result.sourceRows()),
                Figures.count(result.messages()),
                Figures.count(result.missing()),
                Figures.count(result.extra()),
                Figures.count(result.different() + result.older()),
                VerdictWords.word(console, result.verdict())));
        table.print(console);
        console.line("");
        for (TableResult result : results) {
            result.reasons().forEach(reason -> console.line(result.table() + ": " + reason));
            result.differences().forEach(difference -> console.line(line(result, difference)));
        }
        console.line("Verdict: "
                + switch (verdict) {
                    case EQUAL -> "equal. The topics, applied by key, give every table as of LSN " + lsn;
                    case DIFFERENT -> "DIFFERENT. The topics do not give the tables as of LSN " + lsn;
                    case UNKNOWN -> "not proved as of LSN " + lsn + ", see above";
                });
    }

    private static String line(TableResult result, Difference difference) {
        String what = difference.kind().code();
        return result.table() + ": " + what + " ".repeat(10 - what.length())
                + (difference.key() == null ? "a row without a key" : difference.key())
                + (difference.offset() < 0
                        ? ", in no message"
                        : ", last message at " + result.topic() + "-" + difference.partition() + " offset "
                                + difference.offset());
    }

    private void writeJson(Lsn lsn, List<TableResult> results, Verdict verdict) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("connector", settings.topics().prefix())
                .put("finished_ms", System.currentTimeMillis())
                .put("against", "source")
                .put("verdict", verdict.code())
                .put("lsn", lsn.toString());
        ArrayNode tables = result.putArray("tables");
        for (TableResult table : results) {
            ObjectNode node = tables.addObject()
                    .put("table", table.table())
                    .put("topic", table.topic())
                    .put("verdict", table.verdict().code())
                    .put("rows", table.sourceRows())
                    .put("messages", table.messages())
                    .put("missing", table.missing())
                    .put("extra", table.extra())
                    .put("different", table.different())
                    .put("different_before_column_was_added", table.older());
            table.reasons().forEach(node.putArray("reasons")::add);
            ArrayNode differences = node.putArray("differences");
            table.differences()
                    .forEach(difference -> differences
                            .addObject()
                            .put("kind", difference.kind().code())
                            .put("key", difference.key())
                            .put(
                                    "partition",
                                    difference.partition() < 0 ? null : Integer.valueOf(difference.partition()))
                            .put("offset", difference.offset() < 0 ? null : Long.valueOf(difference.offset())));
        }
        console.json(result);
    }
}
