package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever is waited for is waited for without end, and named. */
class BlockersIT extends DatabaseScenario {

    /** Longer than the lock_timeout of other sessions. */
    private static final long LONG_MS = 5_000;

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(18, Map.of("max_prepared_transactions", "5"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aTransactionThatIsOlderThanTheSlot() throws Exception {
        TestDatabase database = closing(server.createDatabase());
        Connection older = closing(database.connect());
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        database.execute("CREATE TABLE item (secret text)");
        PostgresServer.execute(
                older, "SET application_name = 'nightly report'", "BEGIN", "INSERT INTO item VALUES ('4711')");
        LogFile log = LogFile.fromNow();
        long begin = System.nanoTime();
        CompletableFuture<SnapshotHolder> opening = opening(sessions, "older_transaction");
        log.awaitLine("Creating slot", "older_transaction", "application \"nightly report\"", database.name());
        assertThat(log.lines("4711")).as("statements may hold values").isEmpty();
        Eventually.holds(
                "it has waited for longer than a lock timeout",
                () -> System.nanoTime() - begin > Duration.ofMillis(LONG_MS).toNanos());
        assertThat(opening).isNotDone();
        PostgresServer.execute(older, "COMMIT");
        opening.get().close();
    }

    @Test
    void aPreparedTransactionOfAnotherDatabase() throws Exception {
        TestDatabase other = closing(server.createDatabase());
        TestDatabase database = closing(server.createDatabase());
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        other.execute(
                "CREATE TABLE item (note text)",
                "BEGIN; INSERT INTO item VALUES ('left over'); PREPARE TRANSACTION 'left over'");
        LogFile log = LogFile.fromNow();
        CompletableFuture<SnapshotHolder> opening = opening(sessions, "prepared_transaction");
        log.awaitLine("prepared_transaction", "'left over'", "database " + other.name());
        other.execute("ROLLBACK PREPARED 'left over'");
        opening.get().close();
    }

    @Test
    void aTableThatIsVacuumed() throws Exception {
        TestDatabase database = closing(server.createDatabase());
        Connection vacuum = closing(database.connect());
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        database.execute("CREATE TABLE item (id int PRIMARY KEY)", "CREATE PUBLICATION items");
        PostgresServer.execute(vacuum, "BEGIN", "LOCK TABLE item IN SHARE UPDATE EXCLUSIVE MODE");
        LogFile log = LogFile.fromNow();
        CompletableFuture<Void> altering = CompletableFuture.runAsync(() -> {
            try (PatientSession patient = PatientSession.open(sessions, "publication", "Altering publication items")) {
                PostgresServer.execute(patient.session(), "ALTER PUBLICATION items ADD TABLE public.item");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        log.awaitLine("Altering publication items", "which has locked table public.item");
        PostgresServer.execute(vacuum, "COMMIT");
        altering.get();
    }

    private static CompletableFuture<SnapshotHolder> opening(Sessions sessions, String slot) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return SnapshotHolder.open(sessions, slot, SlotLifetime.TEMPORARY);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
