package io.pgseam.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.benchmark.BenchSystem.Kind;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** One system in one round: the copy of a table, and the changes of another one. */
final class BenchRound {

    private static final Duration TIMEOUT = Duration.ofMinutes(30);

    /** How many transactions of updates the table has rows for. */
    private static final int TRANSACTIONS = 10;

    private final BenchHost host;
    private final BenchOptions options;
    private final BenchSystem system;
    private final String prefix;

    /** @param prefix name of the connector, and prefix of its topics */
    BenchRound(BenchHost host, BenchOptions options, BenchSystem system, String prefix) {
        this.host = host;
        this.options = options;
        this.system = system;
        this.prefix = prefix;
    }

    /** How many rows the table has that is updated. */
    static long updatedRows(BenchOptions options) {
        return (long) TRANSACTIONS * options.inTransaction();
    }

    Measurement snapshot(BenchTable table) throws Exception {
        String tables = table.selection(table.label());
        Costs costs = new Costs();
        double tail = -1;
        double seconds;
        if (system.kind() == Kind.NOWHERE) {
            RawReads.copy(host.database(), tables, options.tasks());
            seconds = costs.seconds();
        } else {
            ConnectorClient connector = host.connector(system, prefix);
            connector.configure(system.connector(host.database(), prefix, tables, table.partitions(), options.tasks()));
            if (system.isOurs()) {
                try (ControlTopic control = awaitSeam()) {
                    seconds = costs.secondsUntil(lastEnd(control));
                    tail = tail(control);
                }
            } else {
                awaitRecords(prefix + ".public.", rows(tables));
                seconds = costs.seconds();
            }
        }
        return measured("snapshot", table.label(), rows(tables), seconds, costs, tail);
    }

    private long rows(String tables) throws Exception {
        return host.count(
                "SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind = 'r' AND relname ~ '^" + tables + "$'");
    }

    private ControlTopic awaitSeam() {
        ControlTopic control = new ControlTopic(host.broker().bootstrapServers(), prefix + ".seam");
        Eventually.holds(prefix + " has reached its seam", TIMEOUT, () -> {
            control.follow();
            return control.has("seam");
        });
        return control;
    }

    /** When the last chunk was complete, in ms since 1970. */
    private static long lastEnd(ControlTopic control) {
        return ends(control).values().stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    private static Map<Integer, Long> ends(ControlTopic control) {
        Map<Integer, Long> ends = new HashMap<>();
        for (JsonNode chunk : control.ofType("chunk")) {
            ends.merge(chunk.path("task").asInt(), chunk.path("ts_ms").asLong(), Math::max);
        }
        return ends;
    }

    private static double tail(ControlTopic control) {
        Map<Integer, Long> ends = ends(control);
        long start = control.ofType("anchor").get(0).path("ts_ms").asLong();
        long last = lastEnd(control);
        long first = ends.values().stream().mapToLong(Long::longValue).min().orElse(last);
        return (last - first) / Math.max(1.0, last - start);
    }

    private void awaitRecords(String topic, long count) {
        Eventually.holds(topic + " has " + count + " records", TIMEOUT, () -> host.ends(topic) >= count);
    }

    /** The changes are made while nothing reads, so that they are read as fast as can be. */
    Measurement stream(String table) throws Exception {
        String topic = prefix + ".public.";
        Costs costs;
        if (system.kind() == Kind.NOWHERE) {
            host.database()
                    .execute(
                            "CREATE PUBLICATION bench FOR TABLE " + table,
                            "SELECT pg_create_logical_replication_slot('bench', 'pgoutput')");
            update(table);
            Lsn end = host.database().now();
            costs = new Costs();
            RawReads.stream(host.database(), "bench", "bench", end);
        } else {
            ConnectorClient connector = host.connector(system, prefix);
            connector.configure(system.connector(host.database(), prefix, table, 4, options.tasks()));
            if (system.isOurs()) {
                awaitSeam().close();
            } else {
                awaitRecords(topic, updatedRows(options));
            }
            connector.stop();
            Eventually.holds(
                    prefix + " has stopped",
                    TIMEOUT,
                    () -> connector.status().tasks().isEmpty());
            update(table);
            Lsn end = host.database().now();
            long ends = host.ends(topic);
            costs = new Costs();
            connector.resume();
            if (system.isCountedByOffsets()) {
                awaitRecords(topic, ends + options.updates());
            } else {
                Eventually.holds(prefix + " has caught up", TIMEOUT, () -> {
                    StreamPosition position = connector.position();
                    return position != null && !position.readFrom().isBefore(end);
                });
            }
        }
        return measured("stream", "updates", options.updates(), costs.seconds(), costs, -1);
    }

    private void update(String table) throws Exception {
        try (Connection connection = host.database().connect();
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE " + table + " SET quantity = quantity + 1 WHERE id BETWEEN ? AND ?")) {
            int inTransaction = options.inTransaction();
            for (int done = 0; done < options.updates(); done += inTransaction) {
                long first = 1 + done % updatedRows(options);
                statement.setLong(1, first);
                statement.setLong(2, first + inTransaction - 1);
                statement.executeUpdate();
            }
        }
    }

    private Measurement measured(String phase, String kind, long rows, double seconds, Costs costs, double tail)
            throws Exception {
        Measurement measured = new Measurement(
                phase,
                kind,
                system.name(),
                rows,
                seconds,
                costs.worker(),
                costs.broker(),
                costs.server(),
                costs.peakBytes(),
                system.kind() == Kind.NOWHERE ? 0 : host.bytes(prefix + ".public."),
                tail);
        host.clean(system, prefix);
        return measured;
    }

    /** What the processes have cost since this was made. */
    private final class Costs {

        private final ProcessTree workerTree;
        private final ProcessTree brokerTree = new ProcessTree(host.broker().pid());
        private final ProcessTree serverTree = host.serverProcesses();
        private final double workerBefore;
        private final double brokerBefore = brokerTree.ownCpuSeconds();
        private final double serverBefore = serverTree.cpuSeconds();
        private final long start = System.nanoTime();
        private final long startMs = System.currentTimeMillis();

        Costs() throws Exception {
            workerTree = new ProcessTree(
                    system.kind() == Kind.NOWHERE
                            ? ProcessHandle.current().pid()
                            : host.worker(system).pid());
            workerTree.forgetPeak();
            workerBefore = workerTree.ownCpuSeconds();
        }

        double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }

        double secondsUntil(long endMs) {
            return (endMs - startMs) / 1e3;
        }

        double worker() {
            return workerTree.ownCpuSeconds() - workerBefore;
        }

        double broker() {
            return brokerTree.ownCpuSeconds() - brokerBefore;
        }

        double server() {
            return serverTree.cpuSeconds() - serverBefore;
        }

        long peakBytes() throws Exception {
            return workerTree.peakBytes();
        }
    }
}
