package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Large values that updates leave unchanged, and PostgreSQL therefore does not send, from the source to the topics. */
class UnchangedToastIT extends ConnectorScenario {

    private static final int UPDATES = 4_000;

    private static final String LARGE = "CREATE TABLE large (id int PRIMARY KEY, body text, more text, note text)";
    private static final String STORED_APART =
            "ALTER TABLE large ALTER body SET STORAGE EXTERNAL, ALTER more SET STORAGE EXTERNAL";
    private static final String ROWS =
            "INSERT INTO large SELECT i, repeat(md5(i::text), 100), repeat(md5((-i)::text), 90),"
                    + " 'n' FROM generate_series(1, 400) i";

    /** Thousands of updates, among changes of another table, by key changes and deletes, and single updates after them. */
    private static final String TRANSACTION = """
            DO $$
            BEGIN
                FOR i IN 1..%d LOOP
                    UPDATE large SET note = 'n' || i WHERE id = 1 + i %% 400;
                    IF i %% 3 = 0 THEN INSERT INTO other VALUES (i, 'n'); END IF;
                    IF i %% 6 = 0 THEN DELETE FROM other WHERE id = i - 3; END IF;
                    IF i %% 50 = 0 THEN UPDATE large SET id = id + 1000 WHERE id = i / 50; END IF;
                    IF i %% 90 = 0 THEN UPDATE large SET more = i WHERE id = 200 + i / 90; END IF;
                    IF i %% 100 = 0 THEN DELETE FROM large WHERE id = 300 + i / 100; END IF;
                    IF i %% 500 = 0 THEN INSERT INTO large VALUES (300 + i / 100, 'again', 'again', 'again'); END IF;
                END LOOP;
            END $$
            """;

    @Matrix(build = "18", nightly = "14")
    void aLargeTransactionIsCompletedAmongOtherWriters(int version) throws Exception {
        TestDatabase database = database(version);
        RandomWriter.createTables(database);
        database.execute(LARGE, STORED_APART, ROWS, "CREATE TABLE other (id int PRIMARY KEY, note text)");
        RunningConnector connector = connector(database);
        RandomWriter writer = closing(
                RandomWriter.start(database, Seed.random(UnchangedToastIT.class).nextLong(), 1));
        connector.awaitSeam();
        database.execute(TRANSACTION.formatted(UPDATES), "UPDATE large SET note = note || '!'");
        writer.awaitMore(50);
        writer.stop();
        List<String> tables = new ArrayList<>(List.of(RandomWriter.TABLES));
        tables.add("public.large");
        tables.add("public.other");
        connector.awaitReplayed(tables.toArray(String[]::new));
    }

    /** A query a row would show as a transaction a row. */
    @Test
    void aQueryCompletesManyUpdates() throws Exception {
        TestDatabase database = database(18);
        database.execute(LARGE, STORED_APART, ROWS, "CREATE TABLE other (id int PRIMARY KEY, note text)");
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        long before = transactions(database);
        database.execute(TRANSACTION.formatted(UPDATES));
        assertThat(connector.awaitReplayed("public.large", "public.other").changes())
                .isGreaterThan(UPDATES);
        connector.close();
        Eventually.holds(
                "no session of the connector is left, so its transactions are counted",
                () -> database.sessions(".*").isEmpty());
        assertThat(transactions(database) - before).isLessThan(UPDATES / 4);
    }

    private static long transactions(TestDatabase database) throws SQLException {
        return Long.parseLong(
                database.queryOne("SELECT xact_commit::text FROM pg_stat_database WHERE datname = current_database()"));
    }

    @Test
    void placeholderAndFailDoWhatTheySay() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                LARGE,
                STORED_APART,
                ROWS,
                "CREATE TABLE whole (id int PRIMARY KEY, body text, note text)",
                "ALTER TABLE whole REPLICA IDENTITY FULL, ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO whole SELECT id, body, note FROM large");
        RunningConnector placeholder =
                connector(database, "toast.unchanged=placeholder", "unavailable.value.placeholder=not \"there\"");
        RunningConnector fails = another(database, "toast_fail", "toast.unchanged=fail");
        placeholder.awaitSeam();
        fails.awaitSeam();
        database.execute(
                "UPDATE whole SET note = 'changed'", "UPDATE large SET body = 'small', note = 'x' WHERE id = 1");
        fails.awaitTraces("An update of table public.large at ", "toast.unchanged=complete", "REPLICA IDENTITY FULL");
        // The old rows had the values.
        assertThat(fails.replay("public.whole").changes()).isEqualTo(400);

        placeholder.awaitReplayed("public.whole");
        assertThat(placeholder.values("public.large"))
                .filteredOn(value -> value.contains("\"__snapshot\":false"))
                .singleElement()
                .asString()
                .contains("\"body\":\"small\",\"more\":\"not \\\"there\\\"\",\"note\":\"x\"");

        // As the message says: with the other policy the stream goes on where it stopped.
        fails.change("toast.unchanged", "complete");
        fails.awaitReplayed("public.large", "public.whole");
    }

    /**
     * A transaction changes a table and then writes it, and is in the WAL though its commit waits for a standby that does not
     * exist: the catalogue does not show yet what the rows have. With REPLICA IDENTITY FULL the stream does not tell the key.
     */
    @Test
    void aKeyMadeInTheSameTransactionIsSeen() throws Exception {
        PostgresServer server = closing(
                PostgresServer.start(18, Map.of("synchronous_standby_names", "nobody", "synchronous_commit", "local")));
        TestDatabase database = database(server);
        database.execute(
                "CREATE TABLE keyed_later (id int NOT NULL, note text)",
                "ALTER TABLE keyed_later REPLICA IDENTITY FULL",
                "INSERT INTO keyed_later VALUES (1, 'without')");
        RunningConnector connector = connector(database);
        Connection writer = closing(database.connect());
        connector.awaitSeam();
        connector.awaitCaughtUp();
        CompletableFuture<Void> commit = commitUnseen(writer);
        Eventually.holds(
                "the stream waits until the transaction is visible",
                () -> !database.sessions("visibility").isEmpty());
        database.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        commit.get(90, TimeUnit.SECONDS);
        connector.awaitCaughtUp();
        List<String> keys = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : connector.records("public.keyed_later")) {
            if (new ObjectMapper().readTree(record.value()).path("id").asInt() == 2) {
                keys.add(record.key() == null ? "none" : new String(record.key(), StandardCharsets.UTF_8));
            }
        }
        assertThat(keys).containsExactly("{\"id\":2}");
    }

    private static CompletableFuture<Void> commitUnseen(Connection writer) throws SQLException {
        try (Statement statement = writer.createStatement()) {
            statement.execute("SET synchronous_commit = on");
            writer.setAutoCommit(false);
            statement.execute("ALTER TABLE keyed_later ADD PRIMARY KEY (id)");
            statement.execute("INSERT INTO keyed_later VALUES (2, 'with')");
        }
        return later(writer, "COMMIT");
    }
}
