package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TestDatabase;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Transactions of rare forms, each on tables of its own, through one connector: the topics equal the tables. */
class UnusualTransactionsIT extends ConnectorScenario {

    private static final List<String> TRUNCATED =
            List.of("public.truncated", "public.referring", "public.prepared", "public.loaded");

    /** Made while the connector streams. */
    private static final List<String> NEW = List.of("frozen", "made", "selected");

    private static final String[] TABLES = {
        "CREATE TABLE prepared (id int PRIMARY KEY, v text)",
        "INSERT INTO prepared SELECT i, 'copied' FROM generate_series(10, 20) i",
        "CREATE TABLE undone (id int PRIMARY KEY, v text)",
        "CREATE TABLE truncated (id int PRIMARY KEY, v text)",
        "CREATE TABLE referring (id int PRIMARY KEY, truncated_id int REFERENCES truncated)",
        "INSERT INTO truncated SELECT i, 'copied' FROM generate_series(1, 5) i",
        "INSERT INTO referring SELECT i, i FROM generate_series(1, 5) i",
        "CREATE TABLE loaded (id int PRIMARY KEY)",
        "INSERT INTO loaded SELECT generate_series(290, 310)",
        "CREATE TABLE keys (id int PRIMARY KEY, v text)",
        "INSERT INTO keys SELECT i, 'copied ' || i FROM generate_series(1, 6) i",
        "CREATE TABLE ranked (id int PRIMARY KEY, rank int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO ranked SELECT i, i FROM generate_series(1, 5) i",
        "CREATE TABLE placed (id int, place text, v text, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
        "CREATE TABLE placed_a PARTITION OF placed FOR VALUES IN ('a')",
        "CREATE TABLE placed_b PARTITION OF placed FOR VALUES IN ('b')",
        "INSERT INTO placed SELECT i, 'a', 'copied' FROM generate_series(1, 6) i",
        "CREATE TABLE counted (what text PRIMARY KEY, n int)",
        "INSERT INTO counted VALUES ('INSERT', 0), ('UPDATE', 0), ('DELETE', 0)",
        "CREATE TABLE journal (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text)",
        "CREATE TABLE merged (id int PRIMARY KEY, v text)",
        "INSERT INTO merged SELECT i, 'copied' FROM generate_series(1, 10) i",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO journal (what) VALUES (TG_OP); UPDATE counted SET n = n + 1 WHERE what = TG_OP;"
                + " RETURN NULL; END $$",
        "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON merged FOR EACH ROW EXECUTE FUNCTION note()",
        "CREATE TABLE applied (id int PRIMARY KEY, v text)"
    };

    /** Savepoints that are rolled back, and a transaction that is, each larger than the server decodes in memory. */
    private static final String[] SAVEPOINTS = {
        "BEGIN; INSERT INTO undone VALUES (1, 'first');"
                + " SAVEPOINT a; INSERT INTO undone SELECT i, repeat('undone ', 30) FROM generate_series(100, 3000) i;"
                + " UPDATE undone SET v = 'undone' WHERE id = 1; ROLLBACK TO a;"
                + " INSERT INTO undone VALUES (2, 'between');"
                + " SAVEPOINT b; INSERT INTO undone SELECT i, repeat('kept ', 40) FROM generate_series(2000, 4000) i;"
                + " SAVEPOINT c; DELETE FROM undone WHERE id % 2 = 0; ROLLBACK TO c; RELEASE b;"
                + " UPDATE undone SET v = 'last' WHERE id = 1; COMMIT",
        "BEGIN; INSERT INTO undone SELECT i, repeat('undone ', 30) FROM generate_series(5000, 9000) i;"
                + " DELETE FROM undone; ROLLBACK",
        "BEGIN; SELECT * FROM undone WHERE id = 1 FOR UPDATE; COMMIT"
    };

    private static final String[] TRUNCATES = {
        "BEGIN; INSERT INTO truncated VALUES (10, 'before'); INSERT INTO referring VALUES (10, 10);"
                + " TRUNCATE truncated, prepared CASCADE;"
                + " INSERT INTO truncated VALUES (1, 'after'), (11, 'after'); INSERT INTO referring VALUES (5, 11);"
                + " COMMIT",
        "BEGIN; TRUNCATE loaded; COPY loaded FROM PROGRAM 'seq 1 300' WITH (FREEZE); DELETE FROM loaded WHERE id = 7;"
                + " COMMIT"
    };

    private static final String[] NEW_TABLES = {
        "BEGIN; CREATE TABLE frozen (id int PRIMARY KEY); COPY frozen FROM PROGRAM 'seq 1 300' WITH (FREEZE);"
                + " UPDATE frozen SET id = -id WHERE id % 3 = 0; COMMIT",
        "BEGIN; CREATE TABLE made AS SELECT i AS id, 'made' AS v FROM generate_series(1, 100) i;"
                + " ALTER TABLE made ADD PRIMARY KEY (id); INSERT INTO made VALUES (101, 'more'); COMMIT",
        "BEGIN; SELECT i AS id INTO selected FROM generate_series(1, 100) i;"
                + " ALTER TABLE selected ADD PRIMARY KEY (id); DELETE FROM selected WHERE id > 90; COMMIT",
        "UPDATE made SET v = 'changed' WHERE id % 2 = 0",
    };

    private static final String[] KEYS = {
        "BEGIN; DELETE FROM keys WHERE id = 1; UPDATE keys SET id = 1 WHERE id = 2; COMMIT",
        "BEGIN; UPDATE keys SET id = -3 WHERE id = 3; UPDATE keys SET id = 3 WHERE id = 4;"
                + " UPDATE keys SET id = 4 WHERE id = -3; COMMIT",
        "BEGIN; INSERT INTO keys VALUES (7, 'short-lived'); UPDATE keys SET id = 8 WHERE id = 7;"
                + " DELETE FROM keys WHERE id = 8; INSERT INTO keys VALUES (8, 'stays'); COMMIT",
        "BEGIN; UPDATE ranked SET rank = 2 WHERE id = 1; UPDATE ranked SET rank = 1 WHERE id = 2; COMMIT",
        "UPDATE ranked SET rank = 6 - rank",
        "UPDATE placed SET place = 'b' WHERE id <= 3",
        "BEGIN; UPDATE placed SET place = 'b', id = id + 100 WHERE id = 4;"
                + " UPDATE placed SET place = 'a', v = 'back' WHERE id = 104; COMMIT",
        "MERGE INTO merged m USING generate_series(5, 15) i ON m.id = i WHEN MATCHED AND i % 2 = 0 THEN DELETE"
                + " WHEN MATCHED THEN UPDATE SET v = 'matched' WHEN NOT MATCHED THEN INSERT VALUES (i, 'new')",
        "INSERT INTO merged SELECT i, 'conflict' FROM generate_series(1, 20) i"
                + " ON CONFLICT (id) DO UPDATE SET v = merged.v || ', ' || excluded.v WHERE merged.id > 2",
        "INSERT INTO merged SELECT i, 'nothing' FROM generate_series(15, 22) i ON CONFLICT DO NOTHING"
    };

    private static final String[] APPLIED = {
        "SET session_replication_role = replica",
        "INSERT INTO merged VALUES (30, 'no trigger')",
        "INSERT INTO applied VALUES (1, 'as a replica')",
        "SET session_replication_role = origin",
        "SELECT pg_replication_origin_create('elsewhere')",
        "SELECT pg_replication_origin_session_setup('elsewhere')",
        "BEGIN; SELECT pg_replication_origin_xact_setup('16/B374D848', now());"
                + " INSERT INTO applied VALUES (2, 'from elsewhere'), (3, 'from elsewhere');"
                + " UPDATE applied SET v = 'changed' WHERE id IN (1, 3); COMMIT",
        "SELECT pg_replication_origin_session_reset()"
    };

    @Test
    void theTopicsEqualTheTables() throws Exception {
        PostgresServer server = closing(PostgresServer.start(
                18, Map.of("max_prepared_transactions", "10", "logical_decoding_work_mem", "64kB")));
        TestDatabase database = database(server, TABLES);
        prepare(database, 1, "before the slot");
        prepare(database, 2, "before the slot, undone");
        RunningConnector connector =
                heldConnector(database, "publication.autocreate.mode=all_tables", "table.check.interval.ms=500");
        Eventually.holds(
                "the slot waits for the prepared transactions",
                () -> !database.query("SELECT pid::text FROM pg_stat_activity"
                                + " WHERE backend_type = 'walsender' AND wait_event_type = 'Lock'")
                        .isEmpty());
        database.execute("COMMIT PREPARED 'before the slot'", "ROLLBACK PREPARED 'before the slot, undone'");
        connector.awaitCopySession();
        prepare(database, 3, "across the seam");
        prepare(database, 4, "across the seam, undone");
        prepare(database, 5, "while copying");
        database.execute("COMMIT PREPARED 'while copying'");
        connector.hurry();
        connector.awaitSeam();
        database.execute("COMMIT PREPARED 'across the seam'", "ROLLBACK PREPARED 'across the seam, undone'");
        assertThat(connector.awaitReplayed("public.prepared").rows(connector.topic("public.prepared")))
                .hasSize(11 + 3);

        database.execute(SAVEPOINTS);
        database.execute(KEYS);
        database.execute(APPLIED);
        database.execute(NEW_TABLES);
        database.execute(TRUNCATES);
        awaitNewTables(connector);
        connector.awaitReplayed(
                "public.undone",
                "public.keys",
                "public.ranked",
                "public.placed_a",
                "public.placed_b",
                "public.merged",
                "public.counted",
                "public.journal",
                "public.applied",
                "public.frozen",
                "public.made",
                "public.selected");
        assertThat(connector.values("public.undone")).hasSize(2 + 2001 + 1).noneMatch(row -> row.contains("undone"));
        assertTruncated(connector);
        assertThat(connector.status().allRunning()).isTrue();
    }

    /** Prepares a transaction of this name, which inserts a row and updates another. */
    private static void prepare(TestDatabase database, int id, String name) throws Exception {
        database.execute("BEGIN; INSERT INTO prepared VALUES (" + id + ", '" + name + "'); UPDATE prepared SET v = '"
                + name + "' WHERE id = " + (10 + id) + "; PREPARE TRANSACTION '" + name + "'");
    }

    private static void awaitNewTables(RunningConnector connector) {
        for (String table : NEW) {
            Eventually.holds(
                    table + " is copied",
                    () -> connector.generations(table).stream().anyMatch(generation -> generation > 1));
        }
        connector.awaitSeam(NEW.stream()
                .flatMap(table -> connector.generations(table).stream())
                .max(Comparator.naturalOrder())
                .orElseThrow());
    }

    /** The {@code truncate} records tell which rows of the same transaction are gone. */
    private void assertTruncated(RunningConnector connector) throws Exception {
        Replay replay = connector.replay(TRUNCATED.toArray(String[]::new));
        connector.control("truncate").forEach(replay::forgetTruncated);
        SourceTruth truth = new SourceTruth(closing(connector.database().connect()));
        for (String table : TRUNCATED) {
            truth.assertReplayed(table, replay, connector.topic(table));
        }
    }
}
