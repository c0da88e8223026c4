package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
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
class StreamEndIT extends ConnectorScenario {

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void endsThereAndGoesOnFromThere(Delivery delivery) throws Exception {
        TestDatabase database = database();
        Connection late = closing(database.connect());
        RunningConnector connector = connector(cluster(delivery), database);
        connector.awaitSeam();
        connector.stop();
        late.setAutoCommit(false);
        late.createStatement().execute("INSERT INTO item VALUES (2001, 'begun before the end')");
        database.execute("INSERT INTO item SELECT i, 'before' FROM generate_series(1001, 1010) i");
        Lsn end = now(database);
        late.createStatement().execute("INSERT INTO item VALUES (2002, 'committed after it')");
        late.commit();
        database.execute("UPDATE item SET note = 'after' WHERE id <= 5");

        connector.change("stream.end.lsn", end.toString());
        connector.resume();
        awaitEnds(connector, 1);

        assertThat(connector.control("end").get(0).path("lsn").asText()).isEqualTo(end.toString());
        assertThat(connector.control("end").get(0).path("generation").asInt()).isEqualTo(1);
        // Where the worker does not support exactly-once, it commits the position some time after the record.
        Eventually.holds(
                "the position is the end",
                () -> connector.position().equals(end),
                () -> "it is " + connector.position());
        assertThat(connector.replay("public.item").changes()).isEqualTo(10);
        awaitAtRest(database);
        assertThat(database.confirmed()).as("WAL before the end is not kept").isEqualTo(end);
        assertThat(connector.status().allRunning()).isTrue();

        connector.restart();
        Lsn second = now(database);
        database.execute("UPDATE item SET note = 'at last' WHERE id = 1");
        connector.change("stream.end.lsn", second.toString());
        awaitEnds(connector, 2);
        assertThat(connector.replay("public.item").changes()).isEqualTo(10 + 2 + 5);

        connector.change("stream.end.lsn", "");
        Replay all = connector.awaitReplayed("public.item");
        assertThat(all.changes()).isEqualTo(10 + 2 + 5 + 1);
        assertThat(all.snapshotRows()).isEqualTo(1_000);
        assertThat(connector.control("end")).as("one for each end").hasSize(2);
        assertThat(connector.control("seam")).hasSize(1);
    }

    @Test
    void waitsForAnEndThatIsStillToCome() throws Exception {
        // Nobody else writes on it: the position moves by what it says while it is idle, and by nothing else.
        PostgresServer server = closing(PostgresServer.start(18));
        TestDatabase database = items(server);
        Lsn end = new Lsn(now(database).value() + (64 << 20));
        RunningConnector connector = connector(database, "stream.end.lsn=" + end, "heartbeat.interval.ms=0");
        connector.awaitSeam();
        cluster.awaitRunning(connector.name(), 1);
        assertThat(connector.control("end")).isEmpty();
        database.execute("INSERT INTO item VALUES (2000, 'before')");
        Eventually.holds("the server is past the end", () -> {
            database.query("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 4000000))::text");
            return !now(database).isBefore(end);
        });
        database.execute("INSERT INTO item VALUES (2001, 'after')");
        awaitEnds(connector, 1);
        assertThat(connector.replay("public.item").changes()).isEqualTo(1);
        awaitAtRest(database);
    }

    @Test
    void endsOnAServerWhereNothingHappens() throws Exception {
        PostgresServer server = closing(PostgresServer.start(14));
        TestDatabase database = items(server);
        RunningConnector connector = connector(database, "heartbeat.interval.ms=0");
        connector.awaitSeam();
        connector.stop();
        database.execute("INSERT INTO item VALUES (2000, 'the last')");
        connector.change("stream.end.lsn", now(database).toString());
        connector.resume();
        awaitEnds(connector, 1);
        assertThat(connector.replay("public.item").changes()).isEqualTo(1);
    }

    @Test
    void saysWhereTheEndIsTooEarly() throws Exception {
        TestDatabase database = database();
        RunningConnector connector = connector(database, "stream.end.lsn=0/100");
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
        connector.awaitReplayed("public.item");
    }

    private static void awaitEnds(RunningConnector connector, int count) {
        Eventually.holds(
                "the control topic says that the stream has ended",
                () -> connector.control("end").size() == count,
                () -> "position " + connector.position() + ", ends " + ends(connector));
    }

    private static List<String> ends(RunningConnector connector) {
        return connector.control("end").stream().map(JsonNode::toString).toList();
    }

    private static void awaitAtRest(TestDatabase database) {
        Eventually.holds("no session is left", () -> database.sessions(".*").isEmpty());
    }

    private static Lsn now(TestDatabase database) throws SQLException {
        return Lsn.parse(database.queryOne("SELECT pg_current_wal_lsn()::text"));
    }

    private TestDatabase database() throws Exception {
        return items(PostgresServer.shared(17));
    }

    private TestDatabase items(PostgresServer server) throws Exception {
        return database(
                server,
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, 'copied' FROM generate_series(1, 1000) i");
    }
}
