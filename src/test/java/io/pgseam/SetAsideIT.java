package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tables that cannot be captured, at the start and later: no other table and no application notices them. */
class SetAsideIT {

    /** Kinds of tables that cannot be captured, each with what makes it fit. */
    private static final String[][] UNFIT = {
        {"no_key", "CREATE TABLE no_key (id int, v text)", "ALTER TABLE no_key ADD PRIMARY KEY (id)"},
        {
            "postponed",
            "CREATE TABLE postponed (id int PRIMARY KEY DEFERRABLE, v text)",
            "ALTER TABLE postponed DROP CONSTRAINT postponed_pkey, ADD PRIMARY KEY (id)"
        },
        {
            "reserved",
            "CREATE TABLE reserved (id int PRIMARY KEY, v text, __op text)",
            "ALTER TABLE reserved DROP COLUMN __op"
        },
        {"\"go?od\"", "CREATE TABLE \"go?od\" (id int PRIMARY KEY, v text)", "ALTER TABLE \"go?od\" RENAME TO good_too"
        },
        {"unlogged", "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY, v text)", "ALTER TABLE unlogged SET LOGGED"},
    };

    private static final Map<String, String> UNFIT_WHILE_COPIED =
            Map.of("forbidden", "no_privilege", "hidden", "row_security", "loses", "no_replica_identity");

    /** Tables of which something cannot be sent, with what is wrong with them at last. */
    private static final Map<String, String> UNSENT =
            Map.of("added", "reserved_column", "keyed", "message_key", "forbidden", "no_privilege", "listed", "");

    private static final Map<String, String> UNSENT_AND_UNFIT =
            Map.of("added", "reserved_column", "keyed", "message_key", "forbidden", "no_privilege");

    /** Cases 11 to 13, 16, 17, 29, 34: with one task everything depends on everything. */
    @Test
    void nobodyNoticesTablesThatComeAndCannotBeCaptured() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            String role = role(database);
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    "set_aside",
                    "tasks.max=1",
                    "database.user=" + role,
                    "database.password=secret",
                    "table.check.interval.ms=300")) {
                connector.awaitSeam();
                createUnfitTables(database, role);
                goOn(connector, database);
                makeThemFit(connector, database, role);
            } finally {
                database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
            }
        }
    }

    static String role(TestDatabase database) throws Exception {
        String role = "role_" + database.name();
        database.execute(
                "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'",
                "GRANT CREATE ON DATABASE " + PostgresServer.quoted(database.name()) + " TO " + role,
                "CREATE TABLE \"go od\" (id int PRIMARY KEY, v text)",
                "INSERT INTO \"go od\" VALUES (1, 'copied')",
                "ALTER TABLE \"go od\" OWNER TO " + role,
                "CREATE TABLE at_start (v text)",
                "ALTER TABLE at_start OWNER TO " + role,
                "INSERT INTO at_start VALUES ('x')");
        return role;
    }

    private static void createUnfitTables(TestDatabase database, String role) throws Exception {
        for (String[] kind : UNFIT) {
            database.execute(kind[1], "ALTER TABLE " + kind[0] + " OWNER TO " + role);
        }
        database.execute("CREATE TABLE not_ours (id int PRIMARY KEY, v text)");
        // A table that is fit, and comes after them, shows that the connector has seen them.
        database.execute(
                "CREATE TABLE late (id int PRIMARY KEY, v text)",
                "ALTER TABLE late OWNER TO " + role,
                "INSERT INTO late VALUES (1, 'copied')");
    }

    /** The application changes all tables, and what is captured arrives. */
    private static void goOn(RunningConnector connector, TestDatabase database) throws Exception {
        awaitPublished(database, "go od", "late");
        for (String[] kind : UNFIT) {
            database.execute("INSERT INTO " + kind[0] + " VALUES (1, 'a')", "UPDATE " + kind[0] + " SET v = 'b'");
        }
        database.execute("UPDATE at_start SET v = 'y'", "UPDATE not_ours SET v = 'y'");
        database.execute("UPDATE \"go od\" SET v = 'streamed'", "INSERT INTO late VALUES (2, 'streamed')");
        connector.awaitSeam(2);
        connector.awaitReplayed("public.late");
        assertThat(ConnectCluster.shared(1, Delivery.EXACTLY_ONCE)
                        .status("set_aside")
                        .toString())
                .doesNotContain("FAILED");
        awaitReasons(
                connector,
                Map.of(
                        "at_start", "no_replica_identity",
                        "no_key", "no_replica_identity",
                        "postponed", "no_replica_identity",
                        "reserved", "reserved_column",
                        "go?od", "topic",
                        "unlogged", "not_logged",
                        "not_ours", "not_owner"));
    }

    private static void makeThemFit(RunningConnector connector, TestDatabase database, String role) throws Exception {
        for (String[] kind : UNFIT) {
            database.execute(kind[2]);
        }
        database.execute(
                "ALTER TABLE at_start ADD COLUMN id int PRIMARY KEY DEFAULT 1",
                "INSERT INTO not_ours VALUES (1, 'copied')",
                "ALTER TABLE not_ours OWNER TO " + role);
        awaitPublished(
                database,
                "at_start",
                "go od",
                "good_too",
                "late",
                "no_key",
                "not_ours",
                "postponed",
                "reserved",
                "unlogged");
        String[] fit = {
            "public.at_start",
            "public.no_key",
            "public.postponed",
            "public.reserved",
            "public.unlogged",
            "public.not_ours",
            "public.good_too"
        };
        // Each has a row, so that its topic exists once it is copied; they need not be copied at the same anchor.
        Eventually.holds(
                "what has become fit is copied",
                RunningConnector.TIMEOUT,
                () -> ConnectCluster.shared(1, Delivery.EXACTLY_ONCE)
                        .topics()
                        .containsAll(Arrays.stream(fit).map(connector::topic).toList()));
        connector.awaitReplayed("public.late");
        connector.awaitReplayed(fit);
        awaitReasons(connector, Map.of());
    }

    /** The application's changes are refused only because of our publication: it lets go of the table, and takes it back later. */
    @Test
    void aCapturedTableThatLosesItsKeyLeavesThePublication() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute(
                    "CREATE TABLE good (id int PRIMARY KEY, v text)",
                    "CREATE TABLE loses (id int PRIMARY KEY, v text)",
                    "INSERT INTO loses VALUES (1, 'copied')");
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, "loses_key", "table.check.interval.ms=300")) {
                connector.awaitSeam();
                database.execute("ALTER TABLE loses DROP CONSTRAINT loses_pkey");
                awaitPublished(database, "good");
                database.execute("UPDATE loses SET v = 'not captured'", "INSERT INTO good VALUES (1, 'captured')");
                connector.awaitReplayed("public.good");
                connector.awaitSeam(2);

                database.execute("ALTER TABLE loses ADD PRIMARY KEY (id)");
                awaitPublished(database, "good", "loses");
                connector.awaitSeam(3);
                connector.awaitReplayed("public.good", "public.loses");

                // Not even if no table is left.
                database.execute(
                        "ALTER TABLE loses DROP CONSTRAINT loses_pkey; ALTER TABLE good DROP CONSTRAINT good_pkey");
                awaitPublished(database);
                database.execute(
                        "UPDATE loses SET v = 'not captured'; UPDATE good SET v = 'not captured'",
                        "ALTER TABLE loses ADD PRIMARY KEY (id); ALTER TABLE good ADD PRIMARY KEY (id)");
                awaitPublished(database, "good", "loses");
                connector.awaitSeam(4);
                connector.awaitReplayed("public.good", "public.loses");
                assertThat(cluster.status("loses_key").anyFailed()).isFalse();
            }
        }
    }

    /**
     * The server does not let the connector change its publication any more: what has come is set aside, what would have to leave is said,
     * and no other table notices.
     */
    @Test
    void nobodyNoticesThatThePublicationCannotBeChanged() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            database.execute(
                    "CREATE TABLE good (id int PRIMARY KEY, v text)",
                    "CREATE TABLE loses (id int PRIMARY KEY, v text)",
                    "INSERT INTO loses VALUES (1, 'copied')",
                    "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS"
                            + " $$ BEGIN RAISE EXCEPTION 'no changes today'; END $$",
                    "CREATE EVENT TRIGGER no_alter ON ddl_command_start WHEN TAG IN ('ALTER PUBLICATION')"
                            + " EXECUTE FUNCTION refuse()",
                    "ALTER EVENT TRIGGER no_alter DISABLE");
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, "frozen", "table.check.interval.ms=300")) {
                connector.awaitSeam();
                LogFile log = LogFile.fromNow();
                database.execute(
                        "ALTER EVENT TRIGGER no_alter ENABLE",
                        "ALTER TABLE loses DROP CONSTRAINT loses_pkey",
                        "CREATE TABLE late (id int PRIMARY KEY, v text)",
                        "INSERT INTO late VALUES (1, 'copied')");
                awaitReasons(connector, Map.of("loses", "no_replica_identity", "late", "refused"));
                log.awaitLine("cannot be taken out of publication", "loses", "P0001");
                log.awaitLine("late", "the server refuses to add it to the publication", "P0001");
                database.execute("INSERT INTO good VALUES (1, 'captured')");
                connector.awaitReplayed("public.good");
                assertThat(cluster.status("frozen").anyFailed()).isFalse();

                assertThat(connector.control("set_aside").stream()
                                .filter(record -> record.path("reason").asText().equals("refused"))
                                .map(record -> record.path("detail").asText()))
                        .as("what the server said, once")
                        .singleElement()
                        .asString()
                        .contains("P0001");

                database.execute("ALTER EVENT TRIGGER no_alter DISABLE");
                awaitPublished(database, "good");
                database.execute("UPDATE loses SET v = 'not captured'");
            }
        }
    }

    /** While others are copied: a table whose key is gone leaves the publication at once, and one that cannot be read is set aside. */
    @Test
    void nobodyNoticesThatATableBecomesUnfitWhileItIsCopied() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            String role = role(database);
            for (String table : List.of("forbidden", "hidden", "loses")) {
                database.execute(
                        "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)",
                        "ALTER TABLE " + table + " OWNER TO " + role,
                        "INSERT INTO " + table + " VALUES (1, 'copied')");
            }
            try (RunningConnector connector = RunningConnector.createHeld(
                    cluster,
                    database,
                    "unfit_while_copied",
                    "tasks.max=1",
                    "table.exclude.list=public.at_start",
                    "database.user=" + role,
                    "database.password=secret",
                    "table.check.interval.ms=300")) {
                connector.awaitCopySession();
                database.execute(
                        "ALTER TABLE loses DROP CONSTRAINT loses_pkey",
                        "REVOKE SELECT ON forbidden FROM " + role,
                        "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden FORCE ROW LEVEL SECURITY");
                awaitPublished(database, "forbidden", "go od", "hidden");
                database.execute("UPDATE loses SET v = 'not captured'");

                connector.hurry();
                awaitReasons(connector, UNFIT_WHILE_COPIED);
                database.execute("UPDATE \"go od\" SET v = 'streamed'");
                connector.awaitCaughtUp();
                assertThat(connector
                                .replay("public.go_od")
                                .rows(connector.topic("public.go_od"))
                                .values())
                        .singleElement()
                        .satisfies(row -> assertThat(row.path("v").asText()).isEqualTo("streamed"));
                assertThat(cluster.status("unfit_while_copied").anyFailed()).isFalse();

                database.execute(
                        "ALTER TABLE loses ADD PRIMARY KEY (id)",
                        "GRANT SELECT ON forbidden TO " + role,
                        "ALTER TABLE hidden DISABLE ROW LEVEL SECURITY",
                        "UPDATE forbidden SET v = 'now'");
                awaitReasons(connector, Map.of());
                Eventually.holds(
                        "they are copied",
                        () -> cluster.topics()
                                .containsAll(List.of(
                                        connector.topic("public.loses"),
                                        connector.topic("public.forbidden"),
                                        connector.topic("public.hidden"))));
                connector.awaitReplayed("public.loses", "public.forbidden", "public.hidden");
            } finally {
                database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
            }
        }
    }

    /** From a change on, no record can be made of a table. Nobody looks at the tables, so the stream comes to it first. */
    @Test
    void nobodyNoticesThatChangesOfATableCannotBeSent() throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            String role = role(database);
            for (String table : UNSENT.keySet()) {
                database.execute(
                        "CREATE TABLE " + table + " (id int PRIMARY KEY, v text, large text)",
                        "ALTER TABLE " + table + " ALTER large SET STORAGE EXTERNAL",
                        "ALTER TABLE " + table + " OWNER TO " + role,
                        "INSERT INTO " + table + " VALUES (1, 'copied', repeat('x', 9000))");
            }
            database.execute("ALTER TABLE keyed REPLICA IDENTITY FULL");
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    "unsent",
                    "table.exclude.list=public.at_start",
                    "message.key.columns=public.keyed:v",
                    "database.user=" + role,
                    "database.password=secret",
                    "table.check.interval.ms=0")) {
                connector.awaitSeam();
                database.execute(
                        "ALTER TABLE added ADD __op text; INSERT INTO added VALUES (2, 'not sent')",
                        "ALTER TABLE keyed REPLICA IDENTITY DEFAULT; UPDATE keyed SET v = 'not sent'",
                        "REVOKE SELECT ON forbidden FROM " + role + "; UPDATE forbidden SET v = 'not sent'",
                        "ALTER PUBLICATION " + database.queryOne("SELECT pubname FROM pg_publication")
                                + " SET TABLE \"go od\", added, keyed, forbidden, listed (v, large)",
                        "INSERT INTO listed VALUES (2, 'not sent')",
                        "UPDATE \"go od\" SET v = 'streamed'");
                Eventually.holds(
                        "the control topic says what is not sent",
                        () -> connector.control("missed").stream()
                                .map(record -> record.path("table").asText())
                                .collect(Collectors.toSet())
                                .equals(UNSENT.keySet()));
                connector.awaitCaughtUp();
                assertThat(connector.values("public.go_od")).anyMatch(value -> value.contains("streamed"));
                assertThat(connector.status().anyFailed()).isFalse();

                connector.restart();
                awaitReasons(connector, UNSENT_AND_UNFIT);
                database.execute(
                        "ALTER TABLE added DROP __op",
                        "ALTER TABLE keyed REPLICA IDENTITY FULL",
                        "GRANT SELECT ON forbidden TO " + role);
                connector.restart();
                Eventually.holds(
                        "all are copied again",
                        () -> UNSENT.keySet().stream()
                                .allMatch(table -> connector.values("public." + table).stream()
                                        .anyMatch(value -> value.contains("not sent"))));
                awaitReasons(connector, Map.of());
                assertThat(connector.status().anyFailed()).isFalse();
                connector.awaitReplayed("public.added", "public.listed", "public.forbidden");
            } finally {
                database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
            }
        }
    }

    /** What the newest records say of the tables that are set aside. */
    static void awaitReasons(RunningConnector connector, Map<String, String> expected) {
        Eventually.holds("the control topic says which tables are set aside", RunningConnector.TIMEOUT, () -> {
            Map<String, String> reasons = new TreeMap<>();
            for (JsonNode record : connector.control("set_aside")) {
                if (record.path("reason").isNull()) {
                    reasons.remove(record.path("table").asText());
                } else {
                    reasons.put(
                            record.path("table").asText(), record.path("reason").asText());
                }
            }
            return reasons.equals(expected);
        });
    }

    private static void awaitPublished(TestDatabase database, String... tables) {
        Eventually.holds(
                "just these tables are published: " + List.of(tables),
                RunningConnector.TIMEOUT,
                () -> database.query("SELECT tablename FROM pg_publication_tables ORDER BY tablename COLLATE \"C\"")
                        .equals(List.of(tables)));
    }
}
