package io.pgseam;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
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

    /**
     * Whatever may be changed otherwise, one after the other: each change of a row is there once, in the form before or after. The lists were
     * changed when the second transaction is read, while a captured table is locked: that keeps nobody waiting.
     */
    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void eachChangeIsThereOnceInOneFormOrTheOther(Delivery delivery) throws Exception {
        RunningConnector connector = streaming(cluster(delivery), "max.batch.size=50", "toast.unchanged=complete");
        connector.database().execute("ALTER TABLE orders REPLICA IDENTITY FULL");
        List<List<String>> rounds = List.of(
                List.of(
                        "skipped.operations=t,d",
                        "tombstones.on.delete=true",
                        "column.exclude.list=public.large.note",
                        "column.mask.with.5.chars=public.orders.note",
                        "flat.metadata.fields=__op,__lsn,__seq,__snapshot,__txid,__table"),
                List.of("output.format=debezium", "skipped.operations=t", "signal.enabled.channels=source,message"),
                List.of("output.format=flat", "flat.headers=true", "flat.key.table=true"),
                List.of("message.key.columns=public.orders:v,id"),
                List.of("tombstones.on.delete=false", "flat.headers=false", "flat.pack.bytes=64kB"));
        for (int round = 0; round < rounds.size(); round++) {
            int first = (round + 1) * 10_000;
            try (TableGate lock = stopInMidTransaction(connector, first)) {
                connector.stop();
                for (String setting : rounds.get(round)) {
                    int equals = setting.indexOf('=');
                    connector.change(setting.substring(0, equals), setting.substring(equals + 1));
                }
                lock.open();
            }
            connector.resume();
            connector.awaitCaughtUp();
            assertThat(ids(connector, false))
                    .as("inserted, with %s from the middle on", rounds.get(round))
                    .filteredOn(id -> id / 10_000 == first / 10_000)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(first, first + 2 * HALF).boxed().toList());
            assertThat(ids(connector, true))
                    .as("deleted, with %s from the middle on", rounds.get(round))
                    .filteredOn(id -> id / 10_000 == first / 10_000)
                    .isEqualTo(round == 0 ? List.of() : List.of(first));
        }
    }

    private static TableGate stopInMidTransaction(RunningConnector connector, int first) throws Exception {
        connector.stop();
        connector
                .database()
                .execute("BEGIN; INSERT INTO audit SELECT i, 'x' FROM generate_series(" + first + ", " + (first + 299)
                        + ") i;" + orders(first) + "; UPDATE large SET note = '" + first + "';" + orders(first + HALF)
                        + "; DELETE FROM orders WHERE id = " + first + "; COMMIT");
        TableGate lock = TableGate.close(connector.database(), "large");
        connector.resume();
        Eventually.holds(
                "a part of the transaction is in Kafka",
                () -> ids(connector, false).stream().filter(id -> id >= first).count() >= HALF / 2,
                () -> connector.status() + "\n" + connector.client().offsets());
        return lock;
    }

    /** The rows that were inserted or deleted, in their order, whatever form the messages have. */
    private static List<Integer> ids(RunningConnector connector, boolean deleted) {
        String topic = connector.topic("public.orders");
        if (!connector.cluster().topics().contains(topic)) {
            return List.of();
        }
        return TopicReader.readAll(connector.cluster().bootstrapServers(), topic).stream()
                .filter(message -> message.value() != null)
                .flatMap(message -> new String(message.value(), UTF_8).lines())
                .map(line -> ExactJson.of(line.getBytes(UTF_8)))
                .filter(record -> isDelete(record) == deleted)
                .map(record -> record.has("source") ? record.path(deleted ? "before" : "after") : record)
                .map(row -> row.path("id").asInt())
                .toList();
    }

    private static boolean isDelete(JsonNode record) {
        return record.path("op").asText().equals("d") || record.path("__op").asInt() == 1;
    }

    private RunningConnector streaming(ConnectCluster cluster, String... settings) throws Exception {
        TestDatabase database = database(
                18,
                "CREATE TABLE audit (id int PRIMARY KEY, note text)",
                "CREATE TABLE orders (id int PRIMARY KEY, note text, v int DEFAULT 0)",
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
