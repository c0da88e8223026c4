package io.pgseam.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every metric: its name, its unit, and its meaning. {@code docs/metrics.md} is made from this list.
 *
 * <p>A name ends in its unit; one that ends in {@code -total} only grows while its connector or task lives. No name, tag or value ever
 * holds a value of a row, a key, SQL text, or a secret.
 */
public enum Metric {
    PHASE(
            Scope.CONNECTOR,
            "phase",
            Unit.FLAG,
            Tag.PHASE,
            "1 for the phase that the connector is in, 0 for the others: `opening`, `copying`, `catching-up`, `adding` (an anchor for"
                    + " new tables is opened while the others are streamed), `streaming`, `ended`, `failed`."),
    PHASE_AGE(Scope.CONNECTOR, "phase-age-ms", Unit.MS, "How long the connector has been in its phase."),
    SOURCE_REACHABLE(
            Scope.CONNECTOR,
            "source-reachable",
            Unit.FLAG,
            "Whether the last query of the leader succeeded on the source."),
    CAPTURED_TABLES(
            Scope.CONNECTOR,
            "captured-tables",
            Unit.COUNT,
            "How many tables are captured; a partitioned table counts once. NaN before the first look at the source."),
    SET_ASIDE_TABLES(
            Scope.CONNECTOR,
            "set-aside-tables",
            Unit.COUNT,
            "How many selected tables cannot be captured. The log and the `set_aside` records say which and why. NaN before the"
                    + " first look at the source."),

    ANCHOR_GENERATION(
            Scope.CONNECTOR,
            "anchor-generation",
            Unit.COUNT,
            "Number of the newest anchor. If it is greater than `seam-generation`, something is still to be copied."),
    SEAM_GENERATION(
            Scope.CONNECTOR,
            "seam-generation",
            Unit.COUNT,
            "Number of the newest anchor whose copy is complete and committed; 0 before the first seam."),
    ANCHOR_LSN(Scope.CONNECTOR, "anchor-lsn", Unit.LSN, "LSN of the anchor at which rows are copied; NaN if none are."),
    ANCHOR_AGE(
            Scope.CONNECTOR,
            "anchor-age-ms",
            Unit.MS,
            "How long ago the snapshot was opened that the copy holds: since then VACUUM keeps dead rows. NaN if no snapshot is"
                    + " held."),

    COPY_TABLES(
            Scope.CONNECTOR,
            "copy-tables",
            Unit.COUNT,
            "How many tables the copy has, as of its plan; NaN if there is no copy."),
    COPY_TABLES_REMAINING(
            Scope.CONNECTOR,
            "copy-tables-remaining",
            Unit.COUNT,
            "How many of them are not completely copied; 0 after the seam."),
    COPY_CHUNKS(Scope.CONNECTOR, "copy-chunks", Unit.COUNT, "How many chunks the copy has; NaN if there is no copy."),
    COPY_CHUNKS_DONE(
            Scope.CONNECTOR,
            "copy-chunks-done",
            Unit.COUNT,
            "How many of them are done: acknowledged by Kafka, with their offset committed."),
    COPY_BYTES(
            Scope.CONNECTOR,
            "copy-bytes",
            Unit.BYTES,
            "Size of what is copied, heap and TOAST; NaN if there is no copy."),
    COPY_BYTES_DONE(
            Scope.CONNECTOR,
            "copy-bytes-done",
            Unit.BYTES,
            "How much of it is committed, estimated from the blocks read."),
    COPY_ROWS_DONE(Scope.CONNECTOR, "copy-rows-done", Unit.COUNT, "How many copied rows are committed."),
    COPY_ROWS_PER_SECOND(
            Scope.CONNECTOR,
            "copy-rows-per-second",
            Unit.PER_SECOND,
            "Committed rows per second, over about the last 10 s of the copy."),
    COPY_REMAINING(
            Scope.CONNECTOR,
            "copy-remaining-ms",
            Unit.MS,
            "Estimated time to the end of the copy; NaN while no estimate is possible."),

    SLOT_OK(
            Scope.CONNECTOR,
            "slot-ok",
            Unit.FLAG,
            "Whether the replication slot exists and can be read. 0 before it is created, and if the server has invalidated it."),
    SLOT_ACTIVE(
            Scope.CONNECTOR,
            "slot-active",
            Unit.FLAG,
            "Whether a session reads the slot. No session does while rows are copied."),
    SLOT_RETAINED(
            Scope.CONNECTOR,
            "slot-retained-bytes",
            Unit.BYTES,
            "WAL that the server keeps for the slot: current LSN − `restart_lsn`."),
    SLOT_UNCONFIRMED(
            Scope.CONNECTOR,
            "slot-unconfirmed-bytes",
            Unit.BYTES,
            "WAL that is not confirmed to the slot: current LSN − `confirmed_flush_lsn`."),
    SLOT_SAFE(
            Scope.CONNECTOR,
            "slot-safe-bytes",
            Unit.BYTES,
            "WAL that can be written before the slot is in danger of being invalidated (`safe_wal_size`); NaN if"
                    + " `max_slot_wal_keep_size` sets no limit."),
    SLOT_CONFIRMED_LSN(Scope.CONNECTOR, "slot-confirmed-lsn", Unit.LSN, "The slot's `confirmed_flush_lsn`."),
    SERVER_LSN(
            Scope.CONNECTOR,
            "server-lsn",
            Unit.LSN,
            "The source's current WAL position, as of the leader's last look."),
    REPLAY_LAG(
            Scope.CONNECTOR,
            "replay-lag-ms",
            Unit.MS,
            "How far a standby that is the source is behind its primary: 0 if it has replayed all that it has received, else the"
                    + " time since the last transaction that it has replayed. It adds to the lags of the stream task. NaN if the source"
                    + " is no standby."),
    REPLAY_LAG_BYTES(
            Scope.CONNECTOR,
            "replay-lag-bytes",
            Unit.BYTES,
            "WAL that the standby has received and not replayed; NaN if the source is no standby."),

    COPIED_ROWS(Scope.COPY, "copied-rows-total", Unit.COUNT, "Copied rows that were given to Connect."),
    COPIED_BYTES(
            Scope.COPY, "copied-bytes-total", Unit.BYTES, "Size of these rows as COPY text, which the server sent."),
    TABLE_COPIED_ROWS(
            Scope.COPY,
            "table-copied-rows-total",
            Unit.COUNT,
            Tag.TABLE,
            "The same for each table, up to `metrics.tables.max` of them; the rest has the tag `others`."),
    TABLE_COPIED_BYTES(
            Scope.COPY,
            "table-copied-bytes-total",
            Unit.BYTES,
            Tag.TABLE,
            "The same for each table, up to `metrics.tables.max` of them; the rest has the tag `others`."),
    CHUNKS(Scope.COPY, "chunks-total", Unit.COUNT, "Chunks that the task has completed."),
    LOCK_WAITS(
            Scope.COPY,
            "lock-waits-total",
            Unit.COUNT,
            "How often the task passed over a table for a moment, because another session holds an ACCESS EXCLUSIVE lock on it."),
    EARLY_ENDS(
            Scope.COPY,
            "copy-early-ends-total",
            Unit.COUNT,
            "How often the task ended a COPY early and released its lock, because Connect took no rows."),

    CHANGES(
            Scope.STREAM,
            "changes-total",
            Unit.COUNT,
            Tag.OPERATION,
            "Changes of captured tables that became records: `insert`, `update`, `delete`, `truncate`."),
    TABLE_CHANGES(
            Scope.STREAM,
            "table-changes-total",
            Unit.COUNT,
            Tag.TABLE,
            "The same for each table, up to `metrics.tables.max` of them; the rest has the tag `others`."),
    TRANSACTIONS(Scope.STREAM, "transactions-total", Unit.COUNT, "Transactions that were read from the slot."),
    RECEIVED_BYTES(
            Scope.STREAM, "received-bytes-total", Unit.BYTES, "Size of the messages that were read from the slot."),
    RECORDS(Scope.STREAM, "records-total", Unit.COUNT, "Records that were made, heartbeats and tombstones included."),
    HEARTBEATS(Scope.STREAM, "heartbeats-total", Unit.COUNT, "Heartbeats that were written."),
    CONNECTED(Scope.STREAM, "connected", Unit.FLAG, "Whether the task has a session that reads the slot."),
    LAG(
            Scope.STREAM,
            "lag-ms",
            Unit.MS,
            "How far the task is behind the source: the age of the oldest change that Connect has not taken; 0 if everything is read"
                    + " and taken. NaN before anything is known. The difference between the clocks of server and worker is taken"
                    + " out."),
    LAG_BYTES(
            Scope.STREAM,
            "lag-bytes",
            Unit.BYTES,
            "WAL of the source that the task has not read yet; NaN before the first look."),
    COMMITTED_LAG(
            Scope.STREAM,
            "committed-lag-ms",
            Unit.MS,
            "How long ago the source was at the position that is committed in Kafka. An idle connector stays below"
                    + " `heartbeat.interval.ms` and the workers' `offset.flush.interval.ms`, plus a few seconds. NaN before"
                    + " the first commit."),
    COMMITTED_LAG_BYTES(
            Scope.STREAM,
            "committed-lag-bytes",
            Unit.BYTES,
            "WAL of the source that comes after the committed position; NaN before the first look."),
    RECEIVED_LSN(Scope.STREAM, "received-lsn", Unit.LSN, "Up to where the slot is read."),
    COMMITTED_LSN(Scope.STREAM, "committed-lsn", Unit.LSN, "The position that is committed in Kafka."),
    CONFIRMED_LSN(
            Scope.STREAM,
            "confirmed-lsn",
            Unit.LSN,
            "What the task has confirmed to the slot: never more than is committed."),
    LAST_CHANGE_TIME(
            Scope.STREAM,
            "last-change-time-ms",
            Unit.EPOCH_MS,
            "When the last change committed that became a record, by the server's clock; NaN before the first."),
    SINCE_LAST_RECORD(
            Scope.STREAM,
            "since-last-record-ms",
            Unit.MS,
            "How long ago the last record was made, heartbeats included."),
    LOOKUPS(Scope.STREAM, "lookups-total", Unit.COUNT, "Updates whose large (TOAST) values were read from the source."),
    LOOKUP_TIME(Scope.STREAM, "lookup-ms-total", Unit.MS, "Time that was spent reading them."),
    LOOKUPS_MISSING(
            Scope.STREAM,
            "lookup-rows-missing-total",
            Unit.COUNT,
            "How many of these rows were gone: a later change says so."),
    RECONNECTS(
            Scope.STREAM,
            "reconnects-total",
            Unit.COUNT,
            "How often the session that reads the slot was opened again."),
    SCHEMA_CHANGES(
            Scope.STREAM,
            "schema-changes-total",
            Unit.COUNT,
            "`schema` records that were written: a table has another form."),

    QUEUE_BYTES(
            "queue-bytes",
            Unit.BYTES,
            "Size of the records that wait for Connect. A full queue means that Kafka is the bottleneck, an empty one that the source"
                    + " is."),
    QUEUE_CAPACITY("queue-capacity-bytes", Unit.BYTES, "How much may wait: `max.queue.size.in.bytes`."),
    OVERSIZE_SKIPPED(
            "oversize-skipped-total",
            Unit.COUNT,
            "Records that were left out because they are too large (`message.oversize=skip`)."),
    UNREPRESENTABLE(
            "unrepresentable-total", Unit.COUNT, "Values that the target cannot hold (`flat.unrepresentable`)."),
    DROPPED_RECORDS(
            "dropped-records-total",
            Unit.COUNT,
            "Records that Connect dropped (`errors.tolerance=all`, or a transformation that filters).");

    private static final String TOTAL = "-total";

    /** Who has it; null for tasks of both kinds. */
    private final @Nullable Scope scope;

    private final String metricName;
    private final Unit unit;
    private final @Nullable Tag tag;
    private final String meaning;

    Metric(String metricName, Unit unit, String meaning) {
        this(null, metricName, unit, null, meaning);
    }

    Metric(Scope scope, String metricName, Unit unit, String meaning) {
        this(scope, metricName, unit, null, meaning);
    }

    Metric(@Nullable Scope scope, String metricName, Unit unit, @Nullable Tag tag, String meaning) {
        this.scope = scope;
        this.metricName = metricName;
        this.unit = unit;
        this.tag = tag;
        this.meaning = meaning;
    }

    /** Who has a metric. */
    public enum Scope {
        CONNECTOR("Connector", "On the worker that runs the connector itself; no tag `task`."),
        COPY("Copy task", "On each worker that runs a copy task."),
        STREAM("Stream task", "On the worker that runs the stream task.");

        private final String title;
        private final String where;

        Scope(String title, String where) {
            this.title = title;
            this.where = where;
        }
    }

    /** What its value is a number of. */
    public enum Unit {
        BYTES("bytes"),
        COUNT("count"),
        EPOCH_MS("ms since 1970"),
        FLAG("0 or 1"),
        LSN("LSN as a number"),
        MS("ms"),
        PER_SECOND("per second");

        private final String text;

        Unit(String text) {
            this.text = text;
        }
    }

    /** What tells apart the values of one metric. */
    public enum Tag {
        OPERATION("op"),
        PHASE("phase"),
        TABLE("table");

        private final String key;

        Tag(String key) {
            this.key = key;
        }

        /** The name of the tag. */
        public String key() {
            return key;
        }
    }

    /** The name in JMX, with dashes. */
    public String metricName() {
        return metricName;
    }

    /** The name that the rules for Prometheus in {@code etc/metrics} give it. */
    public String prometheusName() {
        return "pgseam_" + metricName.replace('-', '_');
    }

    /** What it means, as a sentence in Markdown. */
    public String meaning() {
        return meaning;
    }

    /** The tag that it has besides connector and task; null if it has none. */
    public @Nullable Tag tag() {
        return tag;
    }

    /** Whether it only grows. */
    public boolean isTotal() {
        return metricName.endsWith(TOTAL);
    }

    /** Whether a connector or a task of this kind has it. */
    public boolean isOf(Scope kind) {
        return scope == null ? kind != Scope.CONNECTOR : scope == kind;
    }

    /** All metrics as Markdown: a table for the connector, and one for each kind of task. Ends with a line break. */
    public static String markdown() {
        return Arrays.stream(Scope.values())
                .map(scope -> "**" + scope.title + "**: " + scope.where
                        + "\n\n| Metric | Unit | Tag | Meaning |\n|---|---|---|---|\n" + rows(scope))
                .collect(Collectors.joining("\n"));
    }

    private static String rows(Scope scope) {
        List<Metric> metrics =
                Arrays.stream(values()).filter(metric -> metric.isOf(scope)).toList();
        return metrics.stream()
                .map(metric -> "| `" + metric.metricName + "` | " + metric.unit.text + " | "
                        + (metric.tag == null ? "" : "`" + metric.tag.key + "`") + " | " + metric.meaning + " |\n")
                .collect(Collectors.joining());
    }
}
