package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Settings are changed while a transaction is half in Kafka: the other half follows, whatever the settings make of the first half
 * when it is read again (invariant I13).
 */
class SettingsInMidTransactionIT {

    private static final int HALF = 500;

    /**
     * The stream stops in the middle of the transaction, because a large value has to be looked up in a table that is locked. Taken out
     * of the list then is the table that the transaction began with.
     */
    @ParameterizedTest
    @EnumSource
    void aTableIsTakenOutOfTheList(Delivery delivery) throws Exception {
        String name = "mid_transaction_" + delivery.name().toLowerCase(Locale.ROOT);
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase(name)) {
            database.execute(
                    "CREATE TABLE audit (id int PRIMARY KEY, note text)",
                    "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                    "CREATE TABLE large (id int PRIMARY KEY, body text, note text)",
                    "ALTER TABLE large ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO large VALUES (1, repeat(md5('1'), 200), 'first')");
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, name, "max.batch.size", "50")) {
                connector.awaitSeam();
                connector.awaitCaughtUp();
                cluster.stop(name);
                database.execute("BEGIN; INSERT INTO audit SELECT i, 'x' FROM generate_series(1, 300) i;"
                        + orders(1)
                        + "; UPDATE large SET note = 'second';"
                        + orders(HALF + 1)
                        + "; COMMIT");
                try (TableGate lock = TableGate.close(database, "large")) {
                    cluster.resume(name);
                    Eventually.holds(
                            "half of the transaction is in Kafka",
                            RunningConnector.TIMEOUT,
                            () -> cluster.topics().contains(connector.topic("public.orders"))
                                    && connector.replay("public.orders").changes() == HALF,
                            () -> cluster.status(name) + "\n" + cluster.offsets(name));
                    cluster.stop(name);
                    connector.change("table.include.list", "public.orders,public.large");
                    lock.open();
                }
                cluster.resume(name);
                Replay all = connector.awaitReplayed("public.orders", "public.large");
                assertThat(all.rows(connector.topic("public.orders"))).hasSize(2 * HALF);
                if (delivery == Delivery.EXACTLY_ONCE) {
                    all.assertNoDuplicates();
                }
            }
        }
    }

    private static String orders(int first) {
        return "INSERT INTO orders SELECT i, 'y' FROM generate_series(" + first + ", " + (first + HALF - 1) + ") i";
    }
}
