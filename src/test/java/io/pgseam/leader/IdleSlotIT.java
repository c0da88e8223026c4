package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.RunningConnector;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** PostgreSQL 18 gives up slots that nobody uses; the connector's is used while it waits for its reader. */
class IdleSlotIT extends DatabaseScenario {

    @Test
    void theSlotThatWaitsForItsReaderStays() throws Exception {
        PostgresServer server = closing(PostgresServer.start(18, Map.of("idle_replication_slot_timeout", "3s")));
        TestDatabase database = closing(server.createDatabase());
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        PgSeamSettings settings = PgSeamSettings.parse(RunningConnector.settings(database));
        String slot = settings.replication().slotName();
        database.execute(
                "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')",
                "SELECT pg_create_logical_replication_slot('nobodys_" + database.name() + "', 'pgoutput')");
        String confirmed = confirmed(database, slot);
        try (SourceObserver observer = new SourceObserver(settings, sessions, new LeaderMetrics(MetricRegistry.NONE))) {
            Eventually.holds("the server gives up a slot that nobody uses", Duration.ofSeconds(60), () -> {
                observer.keepSlotInUse();
                // The server looks at a checkpoint.
                database.execute("CHECKPOINT");
                return "idle_timeout"
                        .equals(database.query("SELECT coalesce(invalidation_reason, '') FROM pg_replication_slots"
                                        + " WHERE slot_name LIKE 'nobodys%'")
                                .get(0));
            });
            assertThat(observer.slot().state()).isEqualTo(io.pgseam.phase.Facts.SlotState.USABLE);
        }
        assertThat(confirmed(database, slot)).as("it has not moved").isEqualTo(confirmed);
    }

    private static String confirmed(TestDatabase database, String slot) throws Exception {
        return database.queryOne(
                "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '" + slot + "'");
    }
}
