package io.pgseam.benchmark;

import io.pgseam.PgSeamSourceTask;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * How fast the stream task completes updates that left a large value unchanged: rows/s from the slot to Connect, beside updates
 * of the same rows that need nothing. Once as one transaction, once as a transaction for each update. Arguments: rows, bytes of
 * a large value, rounds.
 */
public final class CompletionBenchmark {

    private static final String NAME = "completion_benchmark";

    private CompletionBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
        int bytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4_000;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        try (PostgresServer server = PostgresServer.start(17);
                TestDatabase database = server.createDatabase(NAME)) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, body text, note text)",
                    "ALTER TABLE t ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO t SELECT i, repeat('x', " + bytes + "), 'n' FROM generate_series(1, " + rows + ") i",
                    "VACUUM ANALYZE t",
                    "CREATE PUBLICATION pgseam_" + NAME + " FOR TABLE t");
            for (int round = 1; round <= rounds; round++) {
                measure(round, "one transaction, completed", database, rows, "UPDATE t SET note = 'n" + round + "'");
                measure(
                        round,
                        "a transaction a row, completed",
                        database,
                        rows,
                        "CREATE OR REPLACE PROCEDURE each() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1.." + rows
                                + " LOOP UPDATE t SET note = 'm' WHERE id = i; COMMIT; END LOOP; END $$",
                        "CALL each()");
                measure(
                        round,
                        "one transaction, sent whole",
                        database,
                        rows,
                        "UPDATE t SET body = repeat('y', " + bytes + ")");
            }
        }
    }

    private static void measure(int round, String what, TestDatabase database, int rows, String... changes)
            throws Exception {
        String lsn = database.queryOne(
                "SELECT lsn::text FROM pg_create_logical_replication_slot('pgseam_" + NAME + "', 'pgoutput')");
        database.execute(changes);
        PgSeamSourceTask task = new PgSeamSourceTask();
        task.initialize(CommittedOffsets.ofStream(database, lsn, 1, 1));
        long start = System.nanoTime();
        task.start(ConnectorSettings.streamTask(database, lsn));
        int taken = 0;
        while (taken < rows) {
            List<SourceRecord> records = task.poll();
            taken += records == null
                    ? 0
                    : (int) records.stream()
                            .filter(record -> record.topic().endsWith(".t"))
                            .count();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        task.stop();
        System.out.printf("round %d: %s: %d rows, %.2f s, %.0f rows/s%n", round, what, rows, seconds, rows / seconds);
        // The server lets go of the slot when it notices that its reader is gone.
        while (!database.query("SELECT 1 FROM pg_replication_slots WHERE active")
                .isEmpty()) {
            Thread.onSpinWait();
        }
        database.query("SELECT pg_drop_replication_slot('pgseam_" + NAME + "')");
    }
}
