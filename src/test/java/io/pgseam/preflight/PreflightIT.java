package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.session.PasswordFileException;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;

/** Every bad input by itself: it is reported at its setting, says what to do, and nothing else is reported. */
final class PreflightIT extends PreflightFixture {

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void findsNoFaultWhereThereIsNone(int version) throws Exception {
        TestDatabase database = shop(version);
        assertThat(faults(ownerProps(database))).isEmpty();
        database.execute("CREATE PUBLICATION p FOR ALL TABLES");
        assertThat(faults(ownerProps(database), "publication.name", "p", "publication.autocreate.mode", "disabled"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsWhatCannotBeReached(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);

        assertThat(faults(props, "database.hostname", "no-such-host.invalid"))
                .hasEntrySatisfying(
                        "database.hostname", text -> assertThat(text).contains("no-such-host.invalid"))
                .hasSize(1);
        try (ServerSocket free = new ServerSocket(0)) {
            String port = String.valueOf(free.getLocalPort());
            free.close();
            assertThat(faults(props, "database.port", port)).containsOnlyKeys("database.hostname", "database.port");
        }
        assertThat(faults(props, "database.password", "wrong-" + SECRET))
                .containsOnlyKeys("database.password")
                .allSatisfy((setting, text) -> assertThat(text).contains("password"));
        assertThat(faults(props, "database.password", "")).containsOnlyKeys("database.password");
        assertThat(faults(props, "database.dbname", "nowhere"))
                .containsOnlyKeys("database.dbname")
                .allSatisfy((setting, text) -> assertThat(text).contains("nowhere"));
        assertThat(faults(props, "database.sslmode", "require")).containsOnlyKeys("database.sslmode");
    }

    @Test
    void reportsAFailoverSlotWhereTheServerHasNone() throws Exception {
        assertThat(faults(ownerProps(shop(14)), "slot.failover", "true"))
                .containsOnlyKeys("slot.failover")
                .allSatisfy(
                        (setting, text) -> assertThat(text).contains("PostgreSQL 17", "the server is PostgreSQL 14"));
        assertThat(faults(ownerProps(shop(18)), "slot.failover", "true")).isEmpty();
    }

    @Test
    void givesUpOnAServerThatNeverAnswers() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            long start = System.nanoTime();
            assertThat(faults(
                            ownerProps(shop(18)),
                            "database.port",
                            String.valueOf(silent.getLocalPort()),
                            "database.connect.timeout.ms",
                            "1000"))
                    .containsKey("database.hostname");
            assertThat((System.nanoTime() - start) / 1_000_000_000L).isLessThan(9);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsAServerThatIsNotSetUp(int version) throws Exception {
        try (PostgresServer server = PostgresServer.start(version, Map.of("wal_level", "replica"))) {
            TestDatabase database = fill(server.createDatabase());
            Map<String, String> props = props(database, server.user(), server.password());
            assertThat(faults(props))
                    .hasEntrySatisfying(
                            "database.hostname",
                            text -> assertThat(text).contains("wal_level", "ALTER SYSTEM SET wal_level = 'logical'"))
                    .hasSize(1);

            server.execute(
                    "COPY (SELECT 'host all nobody 127.0.0.1/32 trust') TO '" + dataFile(database, "pg_hba.conf") + "'",
                    "SELECT pg_reload_conf()");
            io.pgseam.testing.Eventually.holds(
                    "pg_hba.conf is in force",
                    java.time.Duration.ofSeconds(90),
                    () -> faults(props).containsKey("database.user"));
            assertThat(faults(props))
                    .hasEntrySatisfying(
                            "database.user", text -> assertThat(text).contains("pg_hba.conf"))
                    .hasSize(1);
        }
    }

    @Test
    void reportsAStandbyThatCannotDecode() throws Exception {
        try (PostgresServer server = PostgresServer.start(14)) {
            TestDatabase database = fill(server.createDatabase());
            server.execute("COPY (SELECT 1 WHERE false) TO '" + dataFile(database, "standby.signal") + "'");
            server.restart(PostgresServer.Stop.FAST);
            assertThat(faults(props(database, server.user(), server.password())))
                    .hasEntrySatisfying(
                            "database.hostname", text -> assertThat(text).contains("primary"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsThatSlotsAndWalsendersAreUsedUp(int version) throws Exception {
        try (PostgresServer server =
                PostgresServer.start(version, Map.of("max_replication_slots", "1", "max_wal_senders", "1"))) {
            TestDatabase database = fill(server.createDatabase());
            Map<String, String> props = props(database, server.user(), server.password());
            assertThat(faults(props)).isEmpty();
            database.execute("SELECT pg_create_logical_replication_slot('other', 'pgoutput')");
            assertThat(faults(props))
                    .hasEntrySatisfying("slot.name", text -> assertThat(text).contains("max_replication_slots = 1"))
                    .hasSize(1);
            database.execute("SELECT pg_drop_replication_slot('other')");
            try (Connection walsender = new Sessions(database.connectionSettings()).openReplication("other")) {
                assertThat(faults(props))
                        .hasEntrySatisfying(
                                "slot.name", text -> assertThat(text).contains("max_wal_senders = 1"))
                        .hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsASlotThatIsTaken(int version) throws Exception {
        TestDatabase database = shop(version);
        TestDatabase other = shop(version);
        String name = "slot_" + database.name();
        Map<String, String> props = ownerProps(database);
        props.put("slot.name", name);

        database.execute("SELECT pg_create_logical_replication_slot('" + name + "', 'test_decoding')");
        assertSlotFault(props, "test_decoding");
        database.execute("SELECT pg_drop_replication_slot('" + name + "')");

        other.execute("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
        assertSlotFault(props, "on database " + other.name());
        other.execute("SELECT pg_drop_replication_slot('" + name + "')");

        database.execute("SELECT pg_create_physical_replication_slot('" + name + "')");
        assertSlotFault(props, "physical");
        database.execute("SELECT pg_drop_replication_slot('" + name + "')");

        try (Connection walsender = new Sessions(database.connectionSettings()).openReplication("stream");
                Statement statement = walsender.createStatement()) {
            statement.execute("CREATE_REPLICATION_SLOT " + name + " TEMPORARY LOGICAL pgoutput");
            assertSlotFault(props, "temporary");
        }
    }

    private void assertSlotFault(Map<String, String> props, String text) {
        assertThat(faults(props))
                .hasEntrySatisfying("slot.name", message -> assertThat(message).contains(text))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsASlotInUseByOthersAndNotByItself(int version) throws Exception {
        TestDatabase database = shop(version);
        String name = "slot_" + database.name();
        Map<String, String> props = ownerProps(database);
        props.put("slot.name", name);
        props.put("publication.name", "p");
        database.execute(
                "CREATE PUBLICATION p FOR ALL TABLES",
                "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");

        try (org.postgresql.jdbc.PgConnection walsender =
                        new Sessions(database.connectionSettings()).openReplication("stream");
                org.postgresql.replication.PGReplicationStream stream = walsender
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(name)
                        .withSlotOption("proto_version", 1)
                        .withSlotOption("publication_names", "p")
                        .start()) {
            assertSlotFault(props, "'pgseam test stream'");
            // The sessions of the fixture call themselves "pgseam test".
            assertThat(faults(props, "name", "test")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsRightsThatAreMissing(int version) throws Exception {
        TestDatabase database = shop(version);
        String role = role(database, "LOGIN");
        Map<String, String> props = props(database, role, SECRET);
        props.put("tables.unfit", "fail");
        props.put("publication.autocreate.mode", "disabled");
        props.put("publication.name", "p");
        database.execute(
                "CREATE PUBLICATION p FOR ALL TABLES",
                "CREATE SCHEMA hidden",
                "CREATE TABLE hidden.t (id int PRIMARY KEY)",
                "GRANT SELECT ON hidden.t TO " + role);

        Map<String, String> faults = faults(props);
        assertThat(faults).containsOnlyKeys("database.user");
        assertThat(faults.get("database.user"))
                .contains(
                        "ALTER ROLE \"" + role + "\" REPLICATION",
                        "GRANT USAGE ON SCHEMA \"hidden\" TO \"" + role + "\"",
                        "GRANT SELECT ON \"public\".\"orders\" TO \"" + role + "\"",
                        "unreadable: customer, id, note");

        database.execute(
                "ALTER ROLE " + role + " REPLICATION", "GRANT USAGE ON SCHEMA hidden TO " + role,
                "GRANT SELECT ON lines TO " + role, "GRANT SELECT (id, customer) ON orders TO " + role);
        assertThat(faults(props).get("database.user"))
                .contains("unreadable: note)")
                .doesNotContain("lines");
        assertThat(faults(props, "column.exclude.list", "public.orders.note").get("database.user"))
                .contains("ctid");
        database.execute("GRANT SELECT (ctid) ON orders TO " + role);
        assertThat(faults(props, "column.exclude.list", "public.orders.note")).isEmpty();

        database.execute("GRANT SELECT ON orders TO " + role, "ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
        assertThat(faults(props).get("database.user"))
                .contains("row level security", "\"public\".\"orders\"", "BYPASSRLS");
        database.execute("ALTER ROLE " + role + " BYPASSRLS");
        assertThat(faults(props)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsAPublicationThatIsMissingOrLacksATable(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        props.put("tables.unfit", "fail");
        props.put("publication.name", "The p");
        props.put("publication.autocreate.mode", "disabled");
        assertThat(faults(props)).containsOnlyKeys("publication.name");
        assertThat(faults(props).get("publication.name"))
                .contains("CREATE PUBLICATION \"The p\" FOR TABLE \"public\".\"lines\", \"public\".\"orders\"");

        database.execute("CREATE PUBLICATION \"The p\" FOR TABLE orders");
        assertThat(faults(props)).containsOnlyKeys("publication.name");
        assertThat(faults(props).get("publication.name"))
                .contains("ALTER PUBLICATION \"The p\" ADD TABLE \"public\".\"lines\"");
        assertThat(faults(props, "table.include.list", "public.orders")).isEmpty();
        assertThat(faults(props, "publication.autocreate.mode", "filtered")).isEmpty();

        database.execute("ALTER PUBLICATION \"The p\" SET (publish = 'insert')");
        assertThat(faults(props, "table.include.list", "public.orders").get("publication.name"))
                .contains("SET (publish = 'insert, update, delete, truncate')");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsThatItMayNotMakeThePublication(int version) throws Exception {
        TestDatabase database = shop(version);
        String role = role(database, "LOGIN REPLICATION");
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
        Map<String, String> props = props(database, role, SECRET);
        props.put("tables.unfit", "fail");

        assertThat(faults(props)).containsOnlyKeys("publication.autocreate.mode");
        assertThat(faults(props).get("publication.autocreate.mode"))
                .contains(
                        "GRANT CREATE ON DATABASE \"" + database.name() + "\" TO \"" + role + "\"",
                        "\"public\".\"lines\" (role " + role + " does not own it), \"public\".\"orders\"");
        assertThat(faults(props, "publication.autocreate.mode", "all_tables").get("publication.autocreate.mode"))
                .contains("only a superuser");
        database.execute("CREATE PUBLICATION p FOR TABLE orders");
        assertThat(faults(props, "publication.name", "p").get("publication.name"))
                .contains("role " + role + " does not own", "ADD TABLE \"public\".\"lines\"");

        database.execute(
                "ALTER TABLE orders OWNER TO " + role,
                "ALTER TABLE lines OWNER TO " + role,
                "GRANT CREATE ON DATABASE " + PostgresServer.quoted(database.name()) + " TO " + role);
        assertThat(faults(props)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsASelectionThatSelectsNothingOrWhatCannotBeCaptured(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        assertThat(faults(props, "table.include.list", "orders")).containsOnlyKeys("table.include.list");
        assertThat(faults(props, "table.include.list", "orders").get("table.include.list"))
                .contains("no table");

        database.execute("CREATE UNLOGGED TABLE cache (id int PRIMARY KEY)", "CREATE VIEW seen AS SELECT 1 AS id");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "table.include.list", "public.orders,public.cache")
                        .get("table.include.list"))
                .contains("\"public\".\"cache\" (is unlogged)", "SET LOGGED");
        assertThat(faults(props, "table.include.list", "public.orders,public\\.seen")
                        .get("table.include.list"))
                .contains("\"public\".\"seen\" (is a view)");
        database.execute(
                "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS id",
                "CREATE FOREIGN DATA WRAPPER elsewhere",
                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER elsewhere",
                "CREATE FOREIGN TABLE far (id int) SERVER elsewhere");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "table.include.list", "public.orders,public.kept,public.far")
                        .get("table.include.list"))
                .contains("\"public\".\"kept\" (is a materialized view)", "\"public\".\"far\" (is a foreign table)");
        database.execute("CREATE TABLE \"ä\" (id int PRIMARY KEY)", "CREATE TABLE \"ö\" (id int PRIMARY KEY)");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "tables.unfit", "fail").get("table.include.list"))
                .contains("share the topic t.public._");
        assertThat(faults(props, "table.include.list", "public.orders,public.ä,public.ö"))
                .containsOnlyKeys("table.include.list");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsConvertersAndSourceFaultsInOneGo(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        props.remove("key.converter");
        props.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        props.put("max.batch.size", "none");
        props.put("database.dbname", "nowhere");

        Map<String, String> faults = faults(props);

        assertThat(faults).containsOnlyKeys("key.converter", "value.converter", "max.batch.size", "database.dbname");
        assertThat(faults.get("key.converter"))
                .contains("\"key.converter\": \"" + BYTES + "\"", "\"value.converter\": \"" + BYTES + "\"");
        ConfigValue value = Validation.validate(props).configValues().stream()
                .filter(candidate -> candidate.name().equals("value.converter"))
                .findFirst()
                .orElseThrow();
        // Connect casts it to a class when it writes its answer.
        assertThat(value.value()).isInstanceOf(Class.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void changesNothing(int version) throws Exception {
        TestDatabase database = shop(version);
        assertThat(faults(ownerProps(database))).isEmpty();
        assertThat(database.slots()).isEmpty();
        assertThat(database.query("SELECT pubname FROM pg_publication")).isEmpty();
    }

    /** As an author of a plugin writes it. */
    public static final class Tokens implements AuthenticationPlugin {
        @Override
        public char[] getPassword(AuthenticationRequestType type) {
            return SECRET.toCharArray();
        }
    }

    @Test
    void passesOnHowToLogIn() throws Exception {
        TestDatabase database = shop(18);
        String role = role(database, "LOGIN REPLICATION SUPERUSER");
        Map<String, String> props = props(database, role, SECRET);
        assertThat(faults(props, "driver.requireAuth", "scram-sha-256")).isEmpty();
        // Properties that are passed on make a difference.
        assertThat(faults(props, "driver.requireAuth", "gss")).hasSize(1);
        assertThat(faults(props, "database.channelBinding", "require")).hasSize(1);

        props.remove("database.password");
        assertThat(faults(props, "driver.authenticationPluginClassName", Tokens.class.getName()))
                .isEmpty();
    }

    /** A password is rotated by replacing the file; sessions from then on have the new one. */
    @Test
    void readsThePasswordFromItsFileForEachSession(@TempDir Path directory) throws Exception {
        TestDatabase database = shop(18);
        String role = role(database, "LOGIN REPLICATION SUPERUSER");
        Path file = directory.resolve("password");
        Map<String, String> props = props(database, role, "");
        props.remove("database.password");
        props.put("database.password.file", file.toString());
        assertThat(faults(props)).containsOnlyKeys("database.password.file");
        Files.writeString(file, SECRET + "\n");
        assertThat(faults(props)).isEmpty();
        try (Sessions sessions = new Sessions(PgSeamSettings.parse(props).connection())) {
            sessions.open("before").close();
            database.execute("ALTER ROLE " + role + " PASSWORD '" + SECRET + "2'");
            assertThatThrownBy(() -> sessions.open("meanwhile"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageNotContaining(SECRET);
            Files.writeString(file, SECRET + "2");
            sessions.openReplication("after").close();
            for (String unfit : new String[] {"", SECRET + "\n" + SECRET, "\n", "x".repeat(20_000)}) {
                Files.writeString(file, unfit);
                assertThatThrownBy(() -> sessions.open("unfit"))
                        .isInstanceOf(PasswordFileException.class)
                        .hasMessageContaining(file.toString())
                        .hasMessageNotContaining(SECRET);
            }
        }
    }
}
