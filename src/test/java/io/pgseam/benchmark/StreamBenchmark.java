package io.pgseam.benchmark;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;

/**
 * How fast updates of a table of 13 columns are streamed, and what that costs the worker. The updates are made while the connector is
 * stopped, so it reads as fast as it can. Arguments: updates, updates in a transaction, rounds, and variants as of {@link CopyBenchmark}.
 */
public final class StreamBenchmark {

    private StreamBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int updates = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int inTransaction = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        WorkerBenchmark.run(10 * inTransaction, arguments, (on, prefix, variant) -> {
            ConnectorClient connector = new ConnectorClient(on.worker().rest(), prefix);
            connector.configure(on.settings(prefix, variant));
            on.awaitSeam(prefix).close();
            round(prefix, variant, updates, inTransaction, on.database(), on.worker(), connector);
            connector.delete();
            on.database()
                    .server()
                    .execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
        });
    }

    private static void round(
            String prefix,
            String variant,
            int updates,
            int inTransaction,
            TestDatabase database,
            ConnectWorker worker,
            ConnectorClient connector)
            throws Exception {
        connector.stop();
        update(database, updates, inTransaction);
        Lsn end = database.now();
        Duration cpuBefore = worker.cpuTime();
        long start = System.nanoTime();
        connector.resume();
        Eventually.holds(prefix + " has caught up", WorkerBenchmark.TIMEOUT, () -> {
            StreamPosition position = connector.position();
            return position != null && !position.readFrom().isBefore(end);
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        Duration cpu = worker.cpuTime().minus(cpuBefore);
        System.out.printf(
                "%s (%s): %d updates in transactions of %d: %.1f s, %.0f updates/s, worker %.2f us of processor time an update%n",
                prefix, variant, updates, inTransaction, seconds, updates / seconds, cpu.toNanos() / 1e3 / updates);
    }

    private static void update(TestDatabase database, int updates, int inTransaction) throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE measured SET quantity = quantity + 1 WHERE id BETWEEN ? AND ?")) {
            for (int done = 0; done < updates; done += inTransaction) {
                long first = 1 + done % (10L * inTransaction);
                statement.setLong(1, first);
                statement.setLong(2, first + inTransaction - 1);
                statement.executeUpdate();
            }
        }
    }
}
