package io.pgseam.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of table that cannot be captured, on servers that differ, as a role without more rights than it needs. */
final class TableSelectorIT {

    private static final String PASSWORD = "secret";

    private static final String[] TABLES = {
        "good (id int PRIMARY KEY, v text)",
        "by_index (id int NOT NULL UNIQUE, v text)",
        "whole (v text)",
        "included (id int, tenant int, v text, PRIMARY KEY (id) INCLUDE (tenant))",
        "no_key (v text)",
        "nothing (id int PRIMARY KEY, v text)",
        "postponed (id int PRIMARY KEY DEFERRABLE, v text)",
        "deferrable_whole (id int PRIMARY KEY DEFERRABLE, v text)",
        "index_gone (id int NOT NULL, v text)",
        "generated_key (a int, v text, b text GENERATED ALWAYS AS (upper(v)) STORED, PRIMARY KEY (a, b))",
        "generated_whole (a int PRIMARY KEY, v text, b text GENERATED ALWAYS AS (upper(v)) STORED)",
        "generated_beside (a int PRIMARY KEY, v text, b text GENERATED ALWAYS AS (upper(v)) STORED)",
        "reserved (id int PRIMARY KEY, __op text, v text)",
        "unreadable (id int PRIMARY KEY, v text)",
        "hidden (id int PRIMARY KEY, v text)",
        "forced (id int PRIMARY KEY, v text)",
        "\"z?a\" (id int PRIMARY KEY, v text)",
        "\"z a\" (id int PRIMARY KEY, v text)",
        "parent (id int PRIMARY KEY, v text)",
        "no_columns ()",
    };

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 17, 18})
    void setsAsideEachTableThatCannotBeCaptured(int version) throws Exception {
        TestDatabase database = database(version);
        String role = role(database);
        createTables(database, role);
        Map<String, String> props = props(database, role);
        props.put("table.exclude.list", "public.child");
        props.put("message.key.columns", "public.included:tenant");
        props.put("topic.naming", "${prefix}.${table}");

        TableSelection selection = select(database, role, props);

        Map<String, Unfitness> reasons = new TreeMap<>();
        selection.setAside().forEach(table -> reasons.put(table.table().name(), table.reason()));
        assertThat(reasons).isEqualTo(expected(version));
        assertThat(selection.setAside())
                .allSatisfy(table ->
                        assertThat(table.describe()).contains(table.table().quoted(), ". To capture it, "));
        ensureTheApplicationGoesOn(database, selection);
        ensureNoKeyIsAPartOfOne(database, role, props, selection);
    }

    private static void createTables(TestDatabase database, String role) throws Exception {
        List<String> statements = new ArrayList<>();
        for (String table : TABLES) {
            statements.add("CREATE TABLE " + table);
        }
        statements.addAll(List.of(
                "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_id_key",
                "ALTER TABLE whole REPLICA IDENTITY FULL",
                "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
                "ALTER TABLE deferrable_whole REPLICA IDENTITY FULL",
                "ALTER TABLE generated_whole REPLICA IDENTITY FULL",
                "ALTER TABLE no_columns REPLICA IDENTITY FULL",
                "CREATE UNIQUE INDEX index_of ON index_gone (id)",
                "ALTER TABLE index_gone REPLICA IDENTITY USING INDEX index_of",
                "DROP INDEX index_of",
                "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY, v text)",
                "CREATE TABLE child () INHERITS (parent)",
                "CREATE SCHEMA elsewhere",
                "CREATE TABLE elsewhere.seam (id int PRIMARY KEY)",
                "CREATE VIEW seen AS SELECT 1 AS id"));
        database.execute(statements.toArray(String[]::new));
        giveTo(role, database);
        database.execute(
                "REVOKE ALL ON unreadable FROM " + role,
                "CREATE TABLE not_ours (id int PRIMARY KEY, v text)",
                "GRANT SELECT ON not_ours TO " + role,
                "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE hidden OWNER TO " + database.server().user(),
                "GRANT SELECT ON hidden TO " + role,
                "ALTER TABLE forced ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE forced FORCE ROW LEVEL SECURITY");
    }

    private static Map<String, Unfitness> expected(int version) {
        Map<String, Unfitness> expected = new TreeMap<>(Map.of(
                "included", Unfitness.MESSAGE_KEY,
                "no_key", Unfitness.NO_REPLICA_IDENTITY,
                "nothing", Unfitness.NO_REPLICA_IDENTITY,
                "postponed", Unfitness.NO_REPLICA_IDENTITY,
                "index_gone", Unfitness.NO_REPLICA_IDENTITY,
                "reserved", Unfitness.RESERVED_COLUMN,
                "unreadable", Unfitness.NO_PRIVILEGE,
                "hidden", Unfitness.NOT_OWNER,
                "forced", Unfitness.ROW_SECURITY,
                "not_ours", Unfitness.NOT_OWNER));
        expected.putAll(Map.of(
                "z?a", Unfitness.TOPIC,
                "z a", Unfitness.TOPIC,
                "seam", Unfitness.TOPIC,
                "parent", Unfitness.ROWS_IN_CHILDREN,
                "no_columns", Unfitness.NO_COLUMNS,
                "unlogged", Unfitness.NOT_LOGGED,
                "generated_key", version < 18 ? Unfitness.INCOMPLETE_KEY : Unfitness.NO_REPLICA_IDENTITY));
        if (version >= 18) {
            expected.put("generated_whole", Unfitness.NO_REPLICA_IDENTITY);
        }
        return expected;
    }

    /** What is captured takes changes once it is published; what lacks an identity does not, so the server itself says. */
    private static void ensureTheApplicationGoesOn(TestDatabase database, TableSelection selection) throws Exception {
        for (Relation table : selection.captured()) {
            assertThat(refusal(database, table.id()))
                    .as("UPDATE of captured %s", table.id())
                    .isNull();
        }
        for (SetAside table : selection.setAside()) {
            if (table.reason() == Unfitness.NO_REPLICA_IDENTITY) {
                assertThat(refusal(database, table.table()))
                        .as("UPDATE of %s", table.table())
                        .contains("eplica identity");
            }
        }
    }

    private static String refusal(TestDatabase database, TableId table) throws SQLException {
        database.execute("CREATE PUBLICATION tried FOR TABLE ONLY " + table.quoted());
        try {
            database.execute("UPDATE " + table.quoted() + " SET v = 'x'");
            return null;
        } catch (SQLException e) {
            return e.getMessage();
        } finally {
            database.execute("DROP PUBLICATION tried");
        }
    }

    private static void ensureNoKeyIsAPartOfOne(
            TestDatabase database, String role, Map<String, String> props, TableSelection selection) throws Exception {
        try (Connection session = database.connect(role, PASSWORD)) {
            new Publications(session).ensure("p", PublicationMode.FILTERED, selection.names(), false, "s");
            PgSeamSettings settings = PgSeamSettings.parse(props);
            Map<String, Boolean> keyed = new HashMap<>();
            for (CapturedTable table : new Catalog(session, settings.capture()::messageKey)
                    .capturedTables("p", id -> true, (id, column) -> true, selection::captures)) {
                keyed.put(table.id().name(), table.hasKey());
            }
            assertThat(keyed)
                    .containsEntry("good", true)
                    .containsEntry("by_index", true)
                    .containsEntry("generated_beside", true)
                    .containsEntry("whole", false)
                    .containsEntry("deferrable_whole", false)
                    .doesNotContainKeys("no_key", "reserved", "not_ours", "z?a");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void takesATableInOnceItIsFit(int version) throws Exception {
        TestDatabase database = database(version);
        String role = role(database);
        database.execute(
                "CREATE TABLE good (id int PRIMARY KEY)",
                "CREATE TABLE log (id int, __op text)",
                "CREATE TABLE \"lo-g\" (id int PRIMARY KEY)");
        Map<String, String> props = props(database, role);
        props.put("tables.max", "2");
        giveTo(role, database);
        database.execute("REVOKE ALL ON log FROM " + role);

        assertThat(reason(database, role, props, "log")).isEqualTo(Unfitness.NO_REPLICA_IDENTITY);
        database.execute("ALTER TABLE log ADD PRIMARY KEY (id)");
        assertThat(reason(database, role, props, "log")).isEqualTo(Unfitness.RESERVED_COLUMN);
        database.execute("ALTER TABLE log RENAME __op TO op");
        assertThat(reason(database, role, props, "log")).isEqualTo(Unfitness.NO_PRIVILEGE);
        database.execute("GRANT SELECT ON log TO " + role);
        assertThat(reason(database, role, props, "log")).isEqualTo(Unfitness.TOO_MANY);
        database.execute("DROP TABLE \"lo-g\"");
        assertThat(select(database, role, props).setAside()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aPublicationOfSomebodyElseIsLeftAsItIs(int version) throws Exception {
        TestDatabase database = database(version);
        String role = role(database);
        database.execute(
                "CREATE TABLE good (id int PRIMARY KEY)",
                "CREATE TABLE appended (line text)",
                "CREATE TABLE other (id int PRIMARY KEY)",
                "CREATE TABLE generated_key (a int, b int GENERATED ALWAYS AS (a) STORED, PRIMARY KEY (a, b))",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role,
                "CREATE PUBLICATION p FOR TABLE good, appended, generated_key");
        Map<String, String> props = props(database, role);
        props.put("publication.autocreate.mode", "disabled");

        TableSelection selection = select(database, role, props);

        assertThat(selection.captured())
                .extracting(relation -> relation.id().name())
                .contains("good", "appended");
        assertThat(selection.withdrawn()).isEmpty();
        assertThat(selection.warnings()).anySatisfy(text -> assertThat(text).contains("appended", "no primary key"));
        assertThat(reason(database, role, props, "other")).isEqualTo(Unfitness.NOT_PUBLISHED);
        if (version < 18) {
            assertThat(reason(database, role, props, "generated_key")).isEqualTo(Unfitness.INCOMPLETE_KEY);
        }
    }

    private static Unfitness reason(TestDatabase database, String role, Map<String, String> props, String table)
            throws Exception {
        return select(database, role, props).setAside().stream()
                .filter(aside -> aside.table().name().equals(table))
                .map(SetAside::reason)
                .findFirst()
                .orElseThrow();
    }

    private static TableSelection select(TestDatabase database, String role, Map<String, String> props)
            throws Exception {
        try (Connection session = database.connect(role, PASSWORD)) {
            return new TableSelector(PgSeamSettings.parse(props)).select(session, CopyPlan.NOTHING);
        }
    }

    private TestDatabase database(int version) throws Exception {
        TestDatabase database = PostgresServer.shared(version).createDatabase();
        opened.add(database);
        return database;
    }

    private String role(TestDatabase database) throws Exception {
        String role = "role_" + database.name();
        database.execute(
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'",
                "GRANT CREATE ON DATABASE " + PostgresServer.quoted(database.name()) + " TO " + role);
        opened.add(0, () -> database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role));
        return role;
    }

    /** The role owns the tables, as it has to if it makes the publication. */
    private static void giveTo(String role, TestDatabase database) throws Exception {
        List<String> statements = new ArrayList<>(
                List.of("GRANT USAGE ON SCHEMA public TO " + role, "GRANT CREATE ON SCHEMA public TO " + role));
        if (!database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'elsewhere'")
                .isEmpty()) {
            statements.add("GRANT USAGE, CREATE ON SCHEMA elsewhere TO " + role);
        }
        for (String table : database.query("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                + " WHERE schemaname IN ('public', 'elsewhere')")) {
            statements.add("ALTER TABLE " + table + " OWNER TO " + role);
        }
        database.execute(statements.toArray(String[]::new));
    }

    private static Map<String, String> props(TestDatabase database, String role) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "orders");
        props.put("topic.prefix", "t");
        props.put("slot.name", "s");
        props.put("publication.name", "p");
        props.put("database.hostname", database.server().host());
        props.put("database.port", String.valueOf(database.server().port()));
        props.put("database.dbname", database.name());
        props.put("database.user", role);
        props.put("database.password", PASSWORD);
        return props;
    }
}
