package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code stream.end.lsn}: what is committed before is streamed, nothing else, and the stream can be taken up again there. */
class StreamEndIT {

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void endsThereAndGoesOnFromThere(Delivery delivery) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        try (TestDatabase database = database();
                Connection late = database.connect();
                RunningConnector connector = RunningConnector.create(cluster, database, "stream_end_" + delivery)) {
            connector.awaitSeam();
            cluster.stop(connector.name());
            late.setAutoCommit(false);
            late.createStatement().execute("INSERT INTO item VALUES (2001, 'begun before the end')");
            database.execute("INSERT INTO item SELECT i, 'before' FROM generate_series(1001, 1010) i");
            Lsn end = now(database);
            late.createStatement().execute("INSERT INTO item VALUES (2002, 'committed after it')");
            late.commit();
            database.execute("UPDATE item SET note = 'after' WHERE id <= 5");

            connector.change("stream.end.lsn", end.toString());
            cluster.resume(connector.name());
            awaitEnds(connector, 1);

            assertThat(connector.control("end").get(0).path("lsn").asText()).isEqualTo(end.toString());
            assertThat(connector.control("end").get(0).path("generation").asInt())
                    .isEqualTo(1);
            assertThat(connector.position()).isEqualTo(end);
            assertThat(connector.replay("public.item").changes()).isEqualTo(10);
            awaitAtRest(database);
            assertThat(confirmed(database)).as("WAL before the end is not kept").isEqualTo(end);
            assertThat(cluster.status(connector.name()).allRunning()).isTrue();

            cluster.restart(connector.name());
            Lsn second = now(database);
            database.execute("UPDATE item SET note = 'at last' WHERE id = 1");
            connector.change("stream.end.lsn", second.toString());
            awaitEnds(connector, 2);
            assertThat(connector.replay("public.item").changes()).isEqualTo(10 + 2 + 5);

            connector.change("stream.end.lsn", "");
            Replay all = connector.awaitReplayed("public.item");
            assertThat(all.changes()).isEqualTo(10 + 2 + 5 + 1);
            assertThat(all.snapshotRows()).isEqualTo(1_000);
            if (delivery == Delivery.EXACTLY_ONCE) {
                all.assertNoDuplicates();
            }
            assertThat(connector.control("end")).as("one for each end").hasSize(2);
            assertThat(connector.control("seam")).hasSize(1);
        }
    }

    @Test
    void waitsForAnEndThatIsStillToCome() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        // Nobody else writes on it: the position moves by what it says while it is idle, and by nothing else.
        try (PostgresServer server = PostgresServer.start(18);
                TestDatabase database = database(server)) {
            Lsn end = new Lsn(now(database).value() + (64 << 20));
            try (RunningConnector connector = RunningConnector.create(
                    cluster, database, "end_to_come", "stream.end.lsn", end.toString(), "heartbeat.interval.ms", "0")) {
                connector.awaitSeam();
                cluster.awaitRunning(connector.name(), 1);
                assertThat(connector.control("end")).isEmpty();
                database.execute("INSERT INTO item VALUES (2000, 'before')");
                Eventually.holds("the server is past the end", RunningConnector.TIMEOUT, () -> {
                    database.query("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 4000000))::text");
                    return !now(database).isBefore(end);
                });
                database.execute("INSERT INTO item VALUES (2001, 'after')");
                awaitEnds(connector, 1);
                assertThat(connector.replay("public.item").changes()).isEqualTo(1);
                awaitAtRest(database);
            }
        }
    }

    @Test
    void endsOnAServerWhereNothingHappens() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (PostgresServer server = PostgresServer.start(14);
                TestDatabase database = database(server);
                RunningConnector connector =
                        RunningConnector.create(cluster, database, "end_idle", "heartbeat.interval.ms", "0")) {
            connector.awaitSeam();
            cluster.stop(connector.name());
            database.execute("INSERT INTO item VALUES (2000, 'the last')");
            connector.change("stream.end.lsn", now(database).toString());
            cluster.resume(connector.name());
            awaitEnds(connector, 1);
            assertThat(connector.replay("public.item").changes()).isEqualTo(1);
        }
    }

    @Test
    void saysWhereTheEndIsTooEarly() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = database();
                RunningConnector connector =
                        RunningConnector.create(cluster, database, "end_too_early", "stream.end.lsn", "0/100")) {
            assertThat(connector.awaitFailure()).contains("stream.end.lsn 0/100", "nothing is copied yet");
            assertThat(database.slots()).isEmpty();

            connector.change("stream.end.lsn", "");
            connector.awaitSeam();
            database.execute("INSERT INTO item VALUES (2000, 'sent')");
            connector.awaitReplayed("public.item");
            connector.change("stream.end.lsn", "0/100");
            assertThat(connector.awaitFailure()).contains("stream.end.lsn 0/100 lies before", "cannot be taken back");

            connector.change("stream.end.lsn", "");
            database.execute("INSERT INTO item VALUES (2001, 'goes on')");
            connector.awaitReplayed("public.item").assertNoDuplicates();
        }
    }

    private static void awaitEnds(RunningConnector connector, int count) {
        Eventually.holds(
                "the control topic says that the stream has ended",
                RunningConnector.TIMEOUT,
                () -> connector.control("end").size() == count,
                () -> "position " + connector.position() + ", ends " + ends(connector));
    }

    private static List<String> ends(RunningConnector connector) {
        return connector.control("end").stream().map(JsonNode::toString).toList();
    }

    private static void awaitAtRest(TestDatabase database) {
        Eventually.holds(
                "no session is left",
                RunningConnector.TIMEOUT,
                () -> database.sessions(".*").isEmpty());
    }

    private static Lsn confirmed(TestDatabase database) throws SQLException {
        return Lsn.parse(database.queryOne(
                "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE database = current_database()"));
    }

    private static Lsn now(TestDatabase database) throws SQLException {
        return Lsn.parse(database.queryOne("SELECT pg_current_wal_lsn()::text"));
    }

    private static TestDatabase database() throws SQLException {
        return database(PostgresServer.shared(17));
    }

    private static TestDatabase database(PostgresServer server) throws SQLException {
        TestDatabase database = server.createDatabase();
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, 'copied' FROM generate_series(1, 1000) i");
        return database;
    }
}
