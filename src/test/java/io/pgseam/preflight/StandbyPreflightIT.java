package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a standby lacks to be read: each is named where it is to be set. */
final class StandbyPreflightIT extends PreflightFixture {

    private static final String HOSTNAME = "database.hostname";
    private static final String MODE = "publication.autocreate.mode";
    private static final String PRIMARY = "primary.hostname";
    private static final String RELOAD = "SELECT pg_reload_conf()";

    @Test
    void reportsEachThingThatAStandbyLacks() throws Exception {
        PostgresServer primary = PostgresServer.start(17, Map.of("wal_level", "replica"));
        opened.add(0, primary);
        TestDatabase database = fill(primary.createDatabase());
        database.execute("CREATE PUBLICATION p FOR ALL TABLES");
        PostgresServer standby = primary.startStandby("physical", database.name());
        opened.add(0, standby);
        Map<String, String> props =
                props(new TestDatabase(standby, database.name()), standby.user(), standby.password());
        props.putAll(Map.of("publication.name", "p", MODE, "disabled"));

        assertHostname(props, "wal_level of the server is replica");
        standby.execute("ALTER SYSTEM SET wal_level = 'logical'");
        standby.restart(Stop.FAST);
        assertHostname(props, "wal_level of its primary is not logical", "on the primary");
        primary.execute("ALTER SYSTEM SET wal_level = 'logical'");
        primary.restart(Stop.FAST);
        Eventually.holds(
                "the standby knows the primary's wal_level", () -> faults(props).isEmpty());

        standby.execute(
                "ALTER SYSTEM SET hot_standby_feedback = off", "ALTER SYSTEM SET primary_slot_name = ''", RELOAD);
        Eventually.holds("the settings are in force", () -> !faults(props).isEmpty());
        assertHostname(props, "hot_standby_feedback = off", "primary_slot_name is empty");
        standby.execute("ALTER SYSTEM RESET ALL", "ALTER SYSTEM SET wal_level = 'logical'", RELOAD);
        Eventually.holds("the settings are in force", () -> faults(props).isEmpty());

        assertNamesWhatOnlyAPrimaryCan(props, primary, standby);
        assertThat(faults(props, "publication.name", "missing"))
                .containsOnlyKeys("publication.name")
                .allSatisfy((setting, text) -> assertThat(text).contains("on the primary", "CREATE PUBLICATION"));

        standby.execute(
                "ALTER SYSTEM SET max_replication_slots = 1", "SELECT pg_create_physical_replication_slot('other')");
        standby.restart(Stop.FAST);
        assertThat(faults(props))
                .containsOnlyKeys("slot.name")
                .allSatisfy((setting, text) -> assertThat(text).contains("max_replication_slots = 1"));
    }

    private static void assertNamesWhatOnlyAPrimaryCan(
            Map<String, String> props, PostgresServer primary, PostgresServer standby) {
        assertThat(faults(props, "slot.failover", "true"))
                .containsOnlyKeys(HOSTNAME)
                .allSatisfy((setting, text) -> assertThat(text).contains("the server is a standby", "slot.failover"));
        assertThat(faults(props, "heartbeat.action.query", "UPDATE orders SET note = 'beat' WHERE id = 1"))
                .containsOnlyKeys("heartbeat.action.query")
                .allSatisfy((setting, text) ->
                        assertThat(text).contains("the server is a standby", "on which no statement can write"));
        assertThat(faults(props, MODE, "filtered"))
                .containsOnlyKeys(MODE)
                .allSatisfy((setting, text) -> assertThat(text).contains("disabled", "on the primary"));
        String port = String.valueOf(primary.port());
        assertThat(faults(props, MODE, "filtered", PRIMARY, primary.host(), "primary.port", port))
                .isEmpty();
        assertThat(faults(props, PRIMARY, standby.host(), "primary.port", String.valueOf(standby.port())))
                .containsOnlyKeys(PRIMARY)
                .allSatisfy((setting, text) -> assertThat(text).contains("the server is a standby"));
        PostgresServer another = PostgresServer.shared(18);
        assertThat(faults(
                        props,
                        "database.dbname",
                        "postgres",
                        PRIMARY,
                        another.host(),
                        "primary.port",
                        String.valueOf(another.port())))
                .hasEntrySatisfying(PRIMARY, text -> assertThat(text).contains("another system identifier"));
    }

    private static void assertHostname(Map<String, String> props, String... texts) {
        assertThat(faults(props))
                .containsOnlyKeys(HOSTNAME)
                .allSatisfy((setting, text) -> assertThat(text).contains(texts));
    }
}
