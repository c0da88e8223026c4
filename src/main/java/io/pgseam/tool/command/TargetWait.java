package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.input.DatabaseOptions;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.load.LoadProgress;
import io.pgseam.tool.load.LoadState;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.LastRecords;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Waits until a database has loaded the topics as far as they are filled. */
final class TargetWait implements AutoCloseable {

    /**
     * How the wait ended.
     *
     * @param target what was waited for
     * @param obstacle why it does not have everything; empty if it does
     * @param missing by source table the number of offsets that it has not loaded
     */
    record Outcome(String target, String obstacle, Map<String, Long> missing) {

        boolean reached() {
            return obstacle.isEmpty();
        }

        void addTo(ObjectNode node) {
            node.put("name", target).put("reached", reached()).put("reason", reached() ? null : obstacle);
            missing.forEach(node.putObject("missing")::put);
        }
    }

    private static final int MOST_REASONS = 3;

    private final Target target;
    private final Dialect dialect;
    private final String database;
    private final Map<String, Object> clients;
    private final List<TargetTable> tables;

    private TargetWait(
            Target target, Dialect dialect, String database, Map<String, Object> clients, List<TargetTable> tables) {
        this.target = target;
        this.dialect = dialect;
        this.database = database;
        this.clients = clients;
        this.tables = tables;
    }

    /**
     * Connects with the database.
     *
     * @param database the name of the database there; null for that of the source's
     * @param named the source tables that are waited for; empty for all
     * @throws CommandFailure if it cannot be reached, or a table is not captured
     */
    static TargetWait open(
            DatabaseOptions options,
            PgSeamSettings settings,
            @Nullable String database,
            List<String> named,
            KafkaOptions kafka) {
        List<TargetTable> tables = CapturedTargets.named(CapturedTargets.read(settings), named);
        Target target = options.open(null);
        return new TargetWait(
                target,
                Dialect.of(target.kind()),
                database == null ? settings.connection().database() : database,
                kafka.clientProperties(),
                tables);
    }

    /**
     * With a session that exists. The caller closes the session, and not this.
     *
     * @param named the source tables that are waited for; empty for all. Those that no load is made for are left out
     */
    static TargetWait with(
            Target target, PgSeamSettings settings, String database, List<String> named, Map<String, Object> clients) {
        List<TargetTable> tables = CapturedTargets.read(settings).tables().stream()
                .filter(table ->
                        named.isEmpty() || named.contains(table.source().toString()))
                .toList();
        return new TargetWait(target, Dialect.of(target.kind()), database, clients, tables);
    }

    /**
     * Waits.
     *
     * @param seam where the copy ends, if no more is waited for; else everything that the topics have now
     */
    Outcome await(Optional<Seam> seam, Deadline deadline) {
        Map<String, SortedMap<Integer, Long>> goals = seam.filter(Seam::exact)
                .map(TargetWait::lastCopied)
                .orElseGet(() -> new LastRecords(clients)
                        .of(tables.stream().map(TargetTable::topic).toList()));
        // A topic that does not exist has no message, and no load either.
        List<TargetTable> filled = tables.stream()
                .filter(table -> goals.containsKey(table.topic()))
                .toList();
        try (TopicOffsets offsets = new TopicOffsets(clients)) {
            LoadProgress progress = LoadProgress.of(dialect, database, target, offsets);
            while (true) {
                Map<TargetTable, LoadState> states = progress.look(filled);
                Map<String, Long> missing = new TreeMap<>();
                List<String> obstacles = new ArrayList<>();
                List<String> errors = new ArrayList<>();
                for (TargetTable table : filled) {
                    LoadState state = states.get(table);
                    long count = state == null ? 0 : state.missing(goals.getOrDefault(table.topic(), new TreeMap<>()));
                    if (state != null && count > 0) {
                        missing.put(table.source().toString(), count);
                        state.obstacle().ifPresent(obstacles::add);
                        state.lastError().ifPresent(error -> errors.add(table.source() + ": " + error));
                    }
                }
                if (missing.isEmpty()) {
                    return new Outcome(target.name(), "", missing);
                }
                if (!obstacles.isEmpty()) {
                    return new Outcome(target.name(), few(obstacles), missing);
                }
                if (deadline.isOver()) {
                    return new Outcome(
                            target.name(),
                            deadline.words()
                                    + behind(missing)
                                    + (errors.isEmpty() ? "" : ". Its last errors: " + few(errors)),
                            missing);
                }
                deadline.pause();
            }
        }
    }

    private static Map<String, SortedMap<Integer, Long>> lastCopied(Seam seam) {
        Map<String, SortedMap<Integer, Long>> last = new TreeMap<>();
        seam.topics().forEach((topic, partitions) -> {
            SortedMap<Integer, Long> offsets = new TreeMap<>();
            partitions.forEach(partition -> offsets.put(partition.number(), partition.last()));
            last.put(topic, offsets);
        });
        return last;
    }

    /** As many as a person reads. */
    private static String few(List<String> reasons) {
        String first = reasons.stream().limit(MOST_REASONS).collect(Collectors.joining("; "));
        return reasons.size() <= MOST_REASONS
                ? first
                : first + "; and the same or the like of " + Figures.count(reasons.size() - MOST_REASONS, "more table");
    }

    private static String behind(Map<String, Long> missing) {
        long offsets = missing.values().stream().mapToLong(Long::longValue).sum();
        return "; " + Figures.count(missing.size(), "table") + " behind, by " + Figures.count(offsets, "offset");
    }

    @Override
    public void close() {
        target.close();
    }
}
