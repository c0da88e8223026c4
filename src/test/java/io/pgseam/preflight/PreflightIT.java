package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bad input by itself: it is reported at its setting, says what to do, and nothing else is reported. */
final class PreflightIT {

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final String SECRET = "S3cret-never-shown";

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

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

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void givesUpOnAServerThatNeverAnswers(int version) throws Exception {
        TestDatabase database = shop(version);
        try (ServerSocket silent = new ServerSocket(0)) {
            long start = System.nanoTime();
            assertThat(faults(ownerProps(database), "database.port", String.valueOf(silent.getLocalPort())))
                    .containsKey("database.hostname");
            assertThat((System.nanoTime() - start) / 1_000_000_000L).isLessThan(25);
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
                    java.time.Duration.ofSeconds(20),
                    () -> faults(props).containsKey("database.user"));
            assertThat(faults(props))
                    .hasEntrySatisfying(
                            "database.user", text -> assertThat(text).contains("pg_hba.conf"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsAStandby(int version) throws Exception {
        try (PostgresServer server = PostgresServer.start(version)) {
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
                .contains("ALTER ROLE \"" + role + "\" REPLICATION")
                .contains("GRANT USAGE ON SCHEMA \"hidden\" TO \"" + role + "\"")
                .contains("GRANT SELECT ON \"public\".\"orders\" TO \"" + role + "\"")
                .contains("unreadable: customer, id, note");

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

        assertThat(faults(props)).containsOnlyKeys("publication.autocreate.mode");
        assertThat(faults(props).get("publication.autocreate.mode"))
                .contains("GRANT CREATE ON DATABASE \"" + database.name() + "\" TO \"" + role + "\"")
                .contains("does not own \"public\".\"lines\", \"public\".\"orders\"");
        assertThat(faults(props, "publication.autocreate.mode", "all_tables").get("publication.autocreate.mode"))
                .contains("only a superuser");
        database.execute("CREATE PUBLICATION p FOR TABLE orders");
        assertThat(faults(props, "publication.name", "p").get("publication.name"))
                .contains("does not own it", "ADD TABLE \"public\".\"lines\"");

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
                .contains("\"public\".\"cache\" is unlogged", "SET LOGGED");
        assertThat(faults(props, "table.include.list", "public.orders,public\\.seen")
                        .get("table.include.list"))
                .contains("\"public\".\"seen\" is a view");
        database.execute("CREATE TABLE \"ä\" (id int PRIMARY KEY)", "CREATE TABLE \"ö\" (id int PRIMARY KEY)");
        assertThat(faults(props).get("table.include.list")).contains("share the topic t.public._");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsTablesWithoutReplicaIdentity(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        database.execute(
                "CREATE TABLE \"Log\" (line text)",
                "CREATE TABLE quiet (id int PRIMARY KEY)",
                "ALTER TABLE quiet REPLICA IDENTITY NOTHING");

        assertThat(faults(props)).containsOnlyKeys("table.include.list");
        assertThat(faults(props).get("table.include.list"))
                .contains("\"public\".\"Log\" (no primary key)", "\"public\".\"quiet\" (REPLICA IDENTITY NOTHING)")
                .contains("ALTER TABLE \"public\".\"Log\" REPLICA IDENTITY FULL")
                .doesNotContain("orders");
        Map<String, String> some = new HashMap<>(props);
        some.put("table.exclude.list", "public.log,public.quiet");
        assertThat(faults(some)).isEmpty();
        assertThat(faults(some, "publication.autocreate.mode", "all_tables"))
                .hasEntrySatisfying(
                        "publication.autocreate.mode",
                        text -> assertThat(text).contains("\"public\".\"Log\"").contains("filtered"))
                .hasSize(1);
        database.execute("ALTER TABLE \"Log\" REPLICA IDENTITY FULL", "ALTER TABLE quiet REPLICA IDENTITY FULL");
        assertThat(faults(props)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void warnsOfWhatIsNoFault(int version) throws Exception {
        TestDatabase database = shop(version);
        database.execute(
                "CREATE TABLE log (line text)",
                "CREATE TABLE history (line text)",
                "ALTER TABLE history REPLICA IDENTITY FULL",
                "CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert, update, delete')");
        Map<String, String> props = ownerProps(database);
        props.put("publication.name", "p");
        props.put("publication.autocreate.mode", "disabled");
        // The application's UPDATEs are refused already.
        assertThat(faults(props)).isEmpty();
        List<String> warnings = new ArrayList<>();
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(props)))
                .isEmpty();
        assertThat(warnings)
                .satisfiesExactlyInAnyOrder(
                        text -> assertThat(text).contains("does not publish truncate", "ALTER PUBLICATION \"p\""),
                        text -> assertThat(text)
                                .contains("without a replica identity: \"public\".\"log\" (no primary key)")
                                .doesNotContain("history"),
                        text -> assertThat(text)
                                .contains("without a key: \"public\".\"history\", \"public\".\"log\"")
                                .doesNotContain("orders"));
        warnings.clear();
        props.put("message.key.columns", "public.history:line");
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(props)))
                .isEmpty();
        assertThat(warnings).anySatisfy(text -> assertThat(text).contains("without a key: \"public\".\"log\""));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsMessageKeysThatChangesWouldNotTell(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        assertThat(faults(props, "message.key.columns", "public.orders:")).containsOnlyKeys("message.key.columns");
        assertThat(faults(props, "message.key.columns", "public.orders:id;public.other:x"))
                .isEmpty();
        props.put("message.key.columns", "public\\.o.*:id,customer");
        assertThat(faults(props)).containsOnlyKeys("message.key.columns");
        assertThat(faults(props).get("message.key.columns"))
                .contains(
                        "\"public\".\"orders\" (customer: run ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL)");
        database.execute("ALTER TABLE orders REPLICA IDENTITY FULL");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "message.key.columns", "public.orders:Customer")
                        .get("message.key.columns"))
                .contains("(Customer: no such column)");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void looksAtThePartitionsOfAPartitionedTable(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        database.execute(
                "CREATE TABLE root (id int, at date) PARTITION BY RANGE (at)",
                "CREATE TABLE leaf PARTITION OF root FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                "ALTER TABLE root REPLICA IDENTITY FULL");
        assertThat(faults(props).get("table.include.list")).contains("\"public\".\"leaf\" (no primary key)");
        database.execute("ALTER TABLE leaf ADD PRIMARY KEY (id)");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "publish.via.partition.root", "true").get("table.include.list"))
                .contains("ALTER TABLE \"public\".\"leaf\" REPLICA IDENTITY FULL");
        database.execute("ALTER TABLE leaf REPLICA IDENTITY FULL");
        assertThat(faults(props, "publish.via.partition.root", "true")).isEmpty();
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

    private static Map<String, String> faults(Map<String, String> props, String... changes) {
        Map<String, String> changed = new HashMap<>(props);
        for (int i = 0; i < changes.length; i += 2) {
            changed.put(changes[i], changes[i + 1]);
        }
        Map<String, String> faults = new TreeMap<>();
        for (ConfigValue value : Validation.validate(changed).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                faults.put(value.name(), String.join("\n", value.errorMessages()));
            }
        }
        assertThat(faults.toString()).doesNotContain(SECRET);
        return faults;
    }

    private TestDatabase shop(int version) throws Exception {
        TestDatabase database = fill(PostgresServer.shared(version).createDatabase());
        opened.add(database);
        return database;
    }

    private static TestDatabase fill(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)",
                "CREATE TABLE lines (id int PRIMARY KEY)");
        return database;
    }

    /** A role of this test, which is dropped before its database is. */
    private String role(TestDatabase database, String attributes) throws Exception {
        String role = "role_" + database.name();
        database.execute("CREATE ROLE " + role + " " + attributes + " PASSWORD '" + SECRET + "'");
        opened.add(0, () -> database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role));
        return role;
    }

    private static String dataFile(TestDatabase database, String name) throws Exception {
        return database.queryOne("SHOW data_directory") + "/" + name;
    }

    private static Map<String, String> ownerProps(TestDatabase database) {
        return props(database, database.server().user(), database.server().password());
    }

    private static Map<String, String> props(TestDatabase database, String user, String password) {
        Map<String, String> props = new HashMap<>(Map.of("name", "orders", "topic.prefix", "t"));
        props.putAll(Map.of("slot.name", "slot_of_" + database.name(), "database.dbname", database.name()));
        props.put("database.hostname", database.server().host());
        props.put("database.port", String.valueOf(database.server().port()));
        props.putAll(Map.of("database.user", user, "database.password", password));
        props.putAll(Map.of("key.converter", BYTES, "value.converter", BYTES));
        return props;
    }
}
