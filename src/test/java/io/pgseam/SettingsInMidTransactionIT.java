package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Settings are changed while a transaction is half in Kafka: the other half follows, whatever the settings make of the first half
 * when it is read again (invariant I13).
 */
class SettingsInMidTransactionIT extends ConnectorScenario {

    private static final int HALF = 500;

    /** How long Kafka lets a transaction be open. */
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);

    /**
     * The stream stops in the middle of the transaction, because a large value has to be looked up in a table that is locked. Taken out
     * of the list then is the table that the transaction began with.
     */
    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void aTableIsTakenOutOfTheList(Delivery delivery) throws Exception {
        RunningConnector connector = streaming(cluster(delivery), "max.batch.size=50");
        try (TableGate lock = stopInMidTransaction(connector)) {
            connector.stop();
            connector.change("table.include.list", "public.orders,public.large");
            lock.open();
        }
        connector.resume();
        assertWhole(connector);
    }

    /** A Kafka transaction that is open while the lookup waits would expire, and fail the task (invariant I15). */
    @Test
    void aLockOutlastsTheTransactionTimeout() throws Exception {
        RunningConnector connector = streaming(
                cluster,
                "max.batch.size=50",
                "producer.override.transaction.timeout.ms=" + TRANSACTION_TIMEOUT.toMillis());
        try (TableGate lock = stopInMidTransaction(connector)) {
            long end = System.nanoTime() + TRANSACTION_TIMEOUT.plusSeconds(2).toNanos();
            Eventually.holds("a transaction would have expired", TRANSACTION_TIMEOUT.multipliedBy(2), () -> {
                assertThat(connector.status().anyFailed()).isFalse();
                return System.nanoTime() > end;
            });
            lock.open();
        }
        assertWhole(connector);
        assertThat(connector.status().anyFailed()).isFalse();
    }

    private RunningConnector streaming(ConnectCluster cluster, String... settings) throws Exception {
        TestDatabase database = database(
                18,
                "CREATE TABLE audit (id int PRIMARY KEY, note text)",
                "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                "CREATE TABLE large (id int PRIMARY KEY, body text, note text)",
                "ALTER TABLE large ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO large VALUES (1, repeat(md5('1'), 200), 'first')");
        RunningConnector connector = connector(cluster, database, settings);
        connector.awaitSeam();
        connector.awaitCaughtUp();
        return connector;
    }

    /** Writes the transaction, and waits until the half of it before the lookup is in Kafka. */
    private static TableGate stopInMidTransaction(RunningConnector connector) throws Exception {
        connector.stop();
        connector
                .database()
                .execute("BEGIN; INSERT INTO audit SELECT i, 'x' FROM generate_series(1, 300) i;"
                        + orders(1)
                        + "; UPDATE large SET note = 'second';"
                        + orders(HALF + 1)
                        + "; COMMIT");
        TableGate lock = TableGate.close(connector.database(), "large");
        connector.resume();
        Eventually.holds(
                "half of the transaction is in Kafka",
                () -> connector.cluster().topics().contains(connector.topic("public.orders"))
                        && connector.replay("public.orders").changes() == HALF,
                () -> connector.status() + "\n" + connector.client().offsets());
        return lock;
    }

    private static void assertWhole(RunningConnector connector) throws SQLException {
        Replay all = connector.awaitReplayed("public.orders", "public.large");
        assertThat(all.rows(connector.topic("public.orders"))).hasSize(2 * HALF);
    }

    private static String orders(int first) {
        return "INSERT INTO orders SELECT i, 'y' FROM generate_series(" + first + ", " + (first + HALF - 1) + ") i";
    }
}
