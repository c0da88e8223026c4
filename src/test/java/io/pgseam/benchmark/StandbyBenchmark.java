package io.pgseam.benchmark;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/**
 * What a copy costs the primary and its standby, if the connector reads the one or the other: processor time of either server from the creation
 * of the connector to the seam. They take turns. Arguments: rows, rounds. Only on Linux.
 */
public final class StandbyBenchmark {

    private static final String SLOT = "standby";
    private static final long LOOK_MS = 100;

    private StandbyBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2_000_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        PostgresServer primary = PostgresServer.start(18);
        TestDatabase database = primary.createDatabase();
        fill(database, rows);
        PostgresServer standby = primary.startStandby(SLOT, database.name());
        awaitReplayed(database, new TestDatabase(standby, database.name()));
        ProcessTree ofPrimary = treeOf(primary);
        ProcessTree ofStandby = treeOf(standby);
        for (int round = 0; round <= rounds; round++) {
            for (PostgresServer source : List.of(primary, standby)) {
                double primaryBefore = ofPrimary.cpuSeconds();
                double standbyBefore = ofStandby.cpuSeconds();
                long begin = System.nanoTime();
                copy(cluster, source, primary, database, round);
                System.out.printf(
                        Locale.ROOT,
                        "%s, source is the %s: %.1f s; processor time of the primary %.2f s, of the standby %.2f s%n",
                        round == 0 ? "warm-up" : "round " + round,
                        source == primary ? "primary" : "standby",
                        (System.nanoTime() - begin) / 1e9,
                        ofPrimary.cpuSeconds() - primaryBefore,
                        ofStandby.cpuSeconds() - standbyBefore);
            }
        }
        System.exit(0);
    }

    private static void copy(
            ConnectCluster cluster, PostgresServer source, PostgresServer primary, TestDatabase database, int round)
            throws Exception {
        TestDatabase read = new TestDatabase(source, database.name());
        String name = (source == primary ? "primary_" : "standby_") + round;
        Map<String, String> settings = ConnectorSettings.of(read.connectionSettings(), name);
        settings.put("slot.name", name);
        settings.put("tasks.max", "2");
        if (source != primary) {
            settings.put("primary.hostname", primary.host());
            settings.put("primary.port", String.valueOf(primary.port()));
        }
        cluster.configure(name, settings);
        try (ControlTopic control = new ControlTopic(cluster.bootstrapServers(), name + ".seam")) {
            while (!control.has("seam")) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                control.follow();
            }
        } finally {
            cluster.delete(name);
        }
    }

    private static void fill(TestDatabase database, int rows) throws SQLException {
        database.execute(
                "CREATE TABLE measured (id bigint PRIMARY KEY, customer int, amount numeric(12,2), at timestamptz, note text)",
                "INSERT INTO measured SELECT i, i % 1000, i / 100.0, now(), repeat(md5(i::text), 3) FROM generate_series(1, "
                        + rows + ") i",
                "VACUUM (FREEZE, ANALYZE)",
                "CHECKPOINT");
    }

    private static void awaitReplayed(TestDatabase database, TestDatabase standby)
            throws SQLException, InterruptedException {
        String written = database.now().toString();
        while (standby.queryOne("SELECT (pg_last_wal_replay_lsn() >= '" + written + "')::text")
                .equals("false")) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private static ProcessTree treeOf(PostgresServer server) throws SQLException {
        try (Connection session = server.connect()) {
            return new ProcessTree(
                    ProcessTree.parentOf(session.unwrap(PGConnection.class).getBackendPID()));
        }
    }
}
