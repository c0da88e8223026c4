package io.pgseam.tool.topic;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the records of a control topic say together. Records of several tasks may come in any order. Memory: a bit for each chunk,
 * besides what there is for each table.
 */
public final class ConnectorLog {

    /** Rates are of the last minute that had chunks. */
    private static final long RATE_WINDOW_MS = 60_000;

    private static final int MOST_SAMPLES = 4_096;

    /** Where the connector is, as far as the control topic tells. */
    public enum Phase {
        /** No anchor yet. */
        STARTING,
        COPYING,
        /** A newer anchor is open; the stream has not reached it yet. */
        CATCHING_UP,
        STREAMING,
        /** Nothing follows. */
        ENDED
    }

    /**
     * An anchor at which rows are copied.
     *
     * @param generation its number
     * @param lsn its LSN
     * @param openedMs when copying at it began, in ms since 1970
     * @param tasks how many tasks copy
     */
    public record AnchorRecord(int generation, Lsn lsn, long openedMs, int tasks) {}

    /**
     * The stream is alive.
     *
     * @param lsn every change committed before it is in the topics
     * @param writtenMs when it was written, in ms since 1970
     */
    public record Heartbeat(Lsn lsn, long writtenMs) {}

    /**
     * How fast chunks were completed.
     *
     * @param rowsPerSecond rows
     * @param bytesPerSecond planned bytes on the source's disk
     */
    public record Rate(double rowsPerSecond, double bytesPerSecond) {}

    private record Planned(String publishedAs, String topic, long chunks, long bytes) {}

    private record Sample(Lsn lsn, long atMs, String relation, long rows) {}

    /** The chunks of one file of a relation: a table that is rewritten begins again with another file. */
    private static final class Copied {
        private final BitSet chunks = new BitSet();
        private long rows;
        private long newestMs;

        void add(Copied other) {
            chunks.or(other.chunks);
            rows += other.rows;
            newestMs = Math.max(newestMs, other.newestMs);
        }
    }

    private record RelationFile(String relation, long filenode) {}

    private @Nullable AnchorRecord anchor;

    /**
     * Where this copy began: the LSN of the newest first anchor. A connector whose offsets were deleted begins with generation 1 again,
     * at a later LSN, and what the topic has from before does not count any more.
     */
    private Lsn beginning = Lsn.NONE;

    private Lsn newestPlan = Lsn.NONE;
    private Lsn caughtUp = Lsn.NONE;
    private @Nullable Seam seam;
    private @Nullable Heartbeat heartbeat;
    private @Nullable Heartbeat end;
    private @Nullable String misfit;
    private Lsn misfitAt = Lsn.NONE;
    private Lsn plannedAt = Lsn.NONE;
    private final Map<String, Planned> planned = new TreeMap<>();

    /** By the LSN of the anchor at which they were read. */
    private final NavigableMap<Lsn, Map<RelationFile, Copied>> copied = new TreeMap<>();

    private final Deque<Sample> samples = new ArrayDeque<>();
    private final List<SchemaChange> schemaChanges = new ArrayList<>();
    private final Map<String, SetAsideTable> setAside = new TreeMap<>();

    /** The newest record of each table that is copied. */
    private final Map<String, JsonNode> doneTables = new HashMap<>();

    private long oversize;

    /** Takes one record's value. Types that are not known are passed over. */
    public void take(JsonNode record) {
        if (record.has("lsn") && lsn(record).isBefore(beginning)) {
            return;
        }
        switch (record.path("type").asText()) {
            case "anchor" -> takeAnchor(record);
            case "plan" -> newestPlan = Lsn.max(newestPlan, lsn(record));
            case "catch_up" -> caughtUp = Lsn.max(caughtUp, lsn(record));
            case "table" -> takeTable(record);
            case "chunk" -> takeChunk(record);
            case "table_done" -> doneTables.put(name(record), record);
            case "misfit" -> takeMisfit(record);
            case "seam" -> takeSeam(record);
            case "heartbeat" -> heartbeat = newer(heartbeat, record);
            case "end" -> end = newer(end, record);
            case "oversize" -> oversize++;
            case "set_aside" -> takeSetAside(record);
            case "schema" -> SchemaChange.of(record).ifPresent(schemaChanges::add);
            case "schema_offsets" -> schemaChanges.replaceAll(change -> change.with(record));
            default -> {
                // Later versions may add types.
            }
        }
    }

    private Map<String, List<Seam.Partition>> tableTopics() {
        Map<String, List<Seam.Partition>> topics = new TreeMap<>();
        for (JsonNode table : doneTables.values()) {
            if (!lsn(table).isBefore(beginning)) {
                topics.putIfAbsent(table.path("topic").asText(), List.of());
                topics.putAll(Seam.topics(table.path("offsets")));
            }
        }
        return topics;
    }

    private void takeSetAside(JsonNode record) {
        if (record.path("reason").isTextual()) {
            setAside.put(
                    name(record),
                    new SetAsideTable(
                            name(record),
                            record.path("reason").asText(),
                            record.path("detail").asText(""),
                            record.path("remedy").asText("")));
        } else {
            setAside.remove(name(record));
        }
    }

    /** The selected tables that are not captured, by name. */
    public List<SetAsideTable> setAside() {
        return List.copyOf(setAside.values());
    }

    private static Heartbeat newer(@Nullable Heartbeat known, JsonNode record) {
        return known != null && known.writtenMs() > writtenMs(record)
                ? known
                : new Heartbeat(lsn(record), writtenMs(record));
    }

    /** Forgets what was before this copy. Generations of the two may be mixed up; LSNs are not. */
    private void beginAt(Lsn lsn) {
        beginning = lsn;
        copied.headMap(lsn, false).clear();
        anchor = anchor != null && anchor.lsn().isBefore(lsn) ? null : anchor;
        seam = seam != null && seam.lsn().isBefore(lsn) ? null : seam;
        heartbeat = heartbeat != null && heartbeat.lsn().isBefore(lsn) ? null : heartbeat;
        end = end != null && end.lsn().isBefore(lsn) ? null : end;
        if (plannedAt.isBefore(lsn)) {
            planned.clear();
        }
        samples.removeIf(sample -> sample.lsn().isBefore(lsn));
    }

    private static int generation(JsonNode record) {
        return record.path("generation").asInt();
    }

    private static long writtenMs(JsonNode record) {
        return record.path("ts_ms").asLong();
    }

    private static String name(JsonNode record) {
        return record.path("schema").asText() + "." + record.path("table").asText();
    }

    private static Lsn lsn(JsonNode record) {
        return Lsn.parse(record.path("lsn").asText());
    }

    private void takeAnchor(JsonNode record) {
        if (generation(record) == 1 && lsn(record).isAfter(beginning)) {
            beginAt(lsn(record));
        }
        if (anchor == null || lsn(record).isAfter(anchor.lsn())) {
            anchor = new AnchorRecord(
                    generation(record),
                    lsn(record),
                    writtenMs(record),
                    record.path("tasks").asInt());
        }
    }

    private void takeTable(JsonNode record) {
        if (lsn(record).isBefore(plannedAt)) {
            return;
        }
        if (lsn(record).isAfter(plannedAt)) {
            plannedAt = lsn(record);
            planned.clear();
        }
        planned.put(
                name(record),
                new Planned(
                        record.path("published_as").asText(),
                        record.path("topic").asText(),
                        record.path("chunks").asLong(),
                        record.path("bytes").asLong()));
    }

    private void takeChunk(JsonNode record) {
        RelationFile relation =
                new RelationFile(name(record), record.path("filenode").asLong());
        Copied file = copied.computeIfAbsent(lsn(record), unused -> new HashMap<>())
                .computeIfAbsent(relation, unused -> new Copied());
        int chunk = record.path("chunk").asInt();
        if (file.chunks.get(chunk)) {
            return;
        }
        file.chunks.set(chunk);
        file.rows += record.path("rows").asLong();
        file.newestMs = Math.max(file.newestMs, writtenMs(record));
        samples.addLast(new Sample(
                lsn(record),
                writtenMs(record),
                name(record),
                record.path("rows").asLong()));
        if (samples.size() > MOST_SAMPLES) {
            samples.removeFirst();
        }
    }

    private void takeMisfit(JsonNode record) {
        if (!lsn(record).isBefore(misfitAt)) {
            misfitAt = lsn(record);
            misfit = record.path("reason").asText();
        }
    }

    private void takeSeam(JsonNode record) {
        if (seam == null || !lsn(record).isBefore(seam.lsn())) {
            seam = Seam.of(record, tableTopics());
        }
    }

    /** Where the connector is. */
    public Phase phase() {
        Lsn newest = anchor == null ? newestPlan : Lsn.max(newestPlan, anchor.lsn());
        if (newest.equals(Lsn.NONE)) {
            return heartbeat == null ? Phase.STARTING : Phase.STREAMING;
        }
        if (seam != null && !seam.lsn().isBefore(newest)) {
            boolean ended = end != null
                    && end.writtenMs() >= seam.writtenMs()
                    && (heartbeat == null || heartbeat.writtenMs() <= end.writtenMs());
            return ended ? Phase.ENDED : Phase.STREAMING;
        }
        boolean copying = (anchor != null && anchor.lsn().equals(newest)) || !caughtUp.isBefore(newest);
        return copying ? Phase.COPYING : Phase.CATCHING_UP;
    }

    /** The newest anchor at which rows are or were copied; empty before the first. */
    public Optional<AnchorRecord> anchor() {
        return Optional.ofNullable(anchor);
    }

    /** The newest seam. */
    public Optional<Seam> seam() {
        return Optional.ofNullable(seam);
    }

    /** The newest heartbeat. */
    public Optional<Heartbeat> heartbeat() {
        return Optional.ofNullable(heartbeat);
    }

    /** Where the stream ended, if it did: everything that was committed before it is in the topics. */
    public Optional<Lsn> endLsn() {
        return Optional.ofNullable(end).map(Heartbeat::lsn);
    }

    /** Why the newest anchor was given up, if it was and no copy has been completed since. */
    public Optional<String> misfit() {
        boolean overcome = seam != null && seam.lsn().isAfter(misfitAt);
        return overcome || misfitAt.isBefore(beginning) ? Optional.empty() : Optional.ofNullable(misfit);
    }

    /** What tables became since they were first seen, in the order of the topic. */
    public List<SchemaChange> schemaChanges() {
        return List.copyOf(schemaChanges);
    }

    /** How many records were left out because they were too large. */
    public long oversize() {
        return oversize;
    }

    /** The relations of the newest plan, the largest first. */
    public List<TableProgress> tables() {
        List<TableProgress> tables = new ArrayList<>();
        Map<String, Copied> files = newestFiles();
        planned.forEach((relation, plan) -> {
            Copied file = files.get(relation);
            tables.add(new TableProgress(
                    relation,
                    plan.publishedAs(),
                    plan.topic(),
                    plan.chunks(),
                    file == null ? 0 : Math.min(plan.chunks(), file.chunks.cardinality()),
                    plan.bytes(),
                    file == null ? 0 : file.rows));
        });
        tables.sort(Comparator.comparingLong(TableProgress::bytes).reversed().thenComparing(TableProgress::relation));
        return tables;
    }

    /** For each relation the chunks of the file that was read last, at whatever anchor. */
    private Map<String, Copied> newestFiles() {
        Map<RelationFile, Copied> files = new HashMap<>();
        copied.values()
                .forEach(atAnchor -> atAnchor.forEach((file, chunks) ->
                        files.computeIfAbsent(file, unused -> new Copied()).add(chunks)));
        Map<String, Copied> newest = new HashMap<>();
        files.forEach((file, chunks) ->
                newest.merge(file.relation(), chunks, (one, other) -> one.newestMs < other.newestMs ? other : one));
        return newest;
    }

    /** How fast the copy is, over the last minute in which chunks were completed; empty before there are two of them. */
    public Optional<Rate> rate() {
        long to = samples.stream().mapToLong(Sample::atMs).max().orElse(0);
        long begun = anchor == null ? 0 : anchor.openedMs();
        long from = Math.max(begun, to - RATE_WINDOW_MS);
        if (to <= from) {
            return Optional.empty();
        }
        double rows = 0;
        double bytes = 0;
        for (Sample sample : samples) {
            if (sample.atMs() > from) {
                Planned plan = planned.get(sample.relation());
                rows += sample.rows();
                bytes += plan == null || plan.chunks() == 0 ? 0 : plan.bytes() / (double) plan.chunks();
            }
        }
        double seconds = (to - from) / 1e3;
        return Optional.of(new Rate(rows / seconds, bytes / seconds));
    }
}
