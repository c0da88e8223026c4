package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;

/** Large values that updates left out, looked up in real tables. */
class TableLookupsIT extends LookupFixture {

    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @AfterEach
    void stopThread() {
        thread.shutdownNow();
    }

    @Test
    void readsOnlyWhatIsWantedOfEachRow() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a text, b text)",
                "INSERT INTO t VALUES (1, 'a1', 'b1'), (2, 'a2', 'b2'), (3, NULL, 'b3')");
        CapturedRelation relation = relation(database, "t");
        Lookup both = new Lookup(relation, OLD_TRANSACTION, new Lsn(500), List.of("2"), new int[] {1, 2});
        assertThat(answers(
                        reader(database, "", "", MUCH),
                        lookup(relation, "a", "1"),
                        both,
                        lookup(relation, "b", "1"),
                        lookup(relation, "a", "9"),
                        lookup(relation, "a", "3"),
                        lookup(relation, "a", "1")))
                .containsExactly("a1", "a2", "b1", GONE, "NULL", "a1");
        assertThat(both.values()).isNotNull();
        assertThat(both.values().text(1)).isEqualTo("b2");
    }

    @Test
    void takesNoMoreThanItsBytesAndGoesOnFromThere() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                // Stored as it is, and compressed to next to nothing.
                "CREATE TABLE plain (id int PRIMARY KEY, body text)",
                "ALTER TABLE plain ALTER body SET STORAGE EXTERNAL",
                "INSERT INTO plain SELECT i, repeat('x', 100000) FROM generate_series(1, 40) i",
                "CREATE TABLE dense (id int PRIMARY KEY, body text)",
                "INSERT INTO dense SELECT i, repeat('y', 100000) FROM generate_series(1, 40) i");
        CapturedRelation plain = relation(database, "plain");
        CapturedRelation dense = relation(database, "dense");
        List<Lookup> lookups = new ArrayList<>();
        for (int id = 1; id <= 40; id++) {
            lookups.add(lookup(plain, "body", String.valueOf(id)));
            lookups.add(lookup(dense, "body", String.valueOf(id)));
        }
        TableLookups reader = reader(database, "", "", 1_000_000);
        int calls = 0;
        List<Lookup> rest = lookups;
        while (!rest.isEmpty()) {
            reader.answer(rest, () -> {});
            int answered = (int) rest.stream().filter(Lookup::isAnswered).count();
            assertThat(answered).isBetween(1, 12);
            assertThat(rest.subList(0, answered)).allMatch(Lookup::isAnswered);
            assertThat(rest.subList(answered, rest.size())).noneMatch(Lookup::isAnswered);
            rest = rest.subList(answered, rest.size());
            calls++;
        }
        assertThat(calls).isLessThan(25);
        assertThat(lookups).allMatch(lookup -> only(lookup).length() == 100_000);
    }

    /** At present and in a snapshot, whose transaction must not be lost with it. */
    @Test
    void waitsForALockAndSaysWhoHasIt() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE locked (id int PRIMARY KEY, body text)", "INSERT INTO locked VALUES (1, 'body')");
        CapturedRelation relation = relation(database, "locked");
        Sessions sessions = keepOpen(new Sessions(database.connectionSettings()));
        SnapshotHolder holder = keepOpen(SnapshotHolder.open(sessions, "locked", SlotLifetime.TEMPORARY));
        for (TableLookups reader :
                List.of(reader(database, "", "", MUCH), reader(database, holder.snapshot(), holder.view(), MUCH))) {
            LogFile log = LogFile.fromNow();
            try (Connection migration = database.connect()) {
                migration.setAutoCommit(false);
                try (Statement statement = migration.createStatement()) {
                    statement.execute("SET application_name = 'migration of locked'");
                    statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
                }
                AtomicInteger keptAlive = new AtomicInteger();
                Lookup lookup = lookup(relation, "body", "1");
                Future<?> answer = thread.submit(() -> {
                    reader.answer(List.of(lookup), keptAlive::incrementAndGet);
                    return true;
                });
                int pid = migration.unwrap(PgConnection.class).getBackendPID();
                Eventually.holds(
                        "the log names table and holder",
                        Duration.ofSeconds(30),
                        () -> !log.lines(
                                        "public.locked",
                                        "locked by PID " + pid,
                                        "user " + database.server().user(),
                                        "\"migration of locked\"")
                                .isEmpty());
                int before = keptAlive.get();
                Eventually.holds("the slot is kept alive", Duration.ofSeconds(30), () -> keptAlive.get() > before + 1);
                assertThat(answer.isDone()).isFalse();
                migration.rollback();
                answer.get(30, TimeUnit.SECONDS);
                assertThat(only(lookup)).isEqualTo("body");
            }
        }
    }

    /** Order asks only for what comes after it to wait. */
    @Test
    void answersWhatComesBeforeTheFirstLookupOfALockedTable() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE locked (id int PRIMARY KEY, body text)",
                "INSERT INTO locked VALUES (1, 'body')",
                "CREATE TABLE free (id int PRIMARY KEY, body text)",
                "INSERT INTO free VALUES (1, 'before'), (2, 'after')");
        CapturedRelation locked = relation(database, "locked");
        CapturedRelation free = relation(database, "free");
        TableLookups reader = reader(database, "", "", MUCH);
        try (Connection migration = database.connect()) {
            migration.setAutoCommit(false);
            try (Statement statement = migration.createStatement()) {
                statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
            }
            List<Lookup> lookups =
                    List.of(lookup(free, "body", "1"), lookup(locked, "body", "1"), lookup(free, "body", "2"));
            Future<List<String>> first = thread.submit(() -> answers(reader, lookups));
            assertThat(first.get(30, TimeUnit.SECONDS)).containsExactly("before");
            Future<List<String>> rest = thread.submit(() -> answers(reader, lookups.subList(1, 3)));
            assertThat(rest.isDone()).isFalse();
            migration.rollback();
            assertThat(rest.get(30, TimeUnit.SECONDS)).containsExactly("body", "after");
        }
    }

    @Test
    void answersOneRowHoweverLargeItIs() throws Exception {
        TestDatabase database = database(14);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, body text)",
                "INSERT INTO t SELECT i, repeat('x', 5000000) FROM generate_series(1, 3) i");
        CapturedRelation relation = relation(database, "t");
        assertThat(answers(
                        reader(database, "", "", 1_000),
                        lookup(relation, "body", "1"),
                        lookup(relation, "body", "2"),
                        lookup(relation, "body", "3")))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void findsNoRowsOfTablesThatInheritAndAllOfPartitions(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE parent (id int PRIMARY KEY, body text)",
                "CREATE TABLE child () INHERITS (parent)",
                "INSERT INTO child VALUES (1, 'of the child')",
                "INSERT INTO parent VALUES (2, 'of the parent')",
                "INSERT INTO child VALUES (2, 'of the child')",
                "CREATE TABLE root (id int, place text, body text, PRIMARY KEY (id, place)) PARTITION BY LIST (place)",
                "CREATE TABLE part_a PARTITION OF root FOR VALUES IN ('a')",
                "CREATE TABLE part_b (body text, place text NOT NULL, id int NOT NULL)",
                "ALTER TABLE root ATTACH PARTITION part_b FOR VALUES IN ('b')",
                "INSERT INTO root VALUES (1, 'a', 'in a'), (1, 'b', 'in b')");
        CapturedRelation parent = relation(database, "parent");
        CapturedRelation root = relation(database, "root");
        CapturedRelation part = relation(database, "part_b");
        assertThat(answers(
                        reader(database, "", "", MUCH),
                        lookup(parent, "body", "1"),
                        lookup(root, "body", "1", "b"),
                        lookup(parent, "body", "2"),
                        lookup(root, "body", "1", "a"),
                        lookup(part, "body", "b", "1")))
                .containsExactly(GONE, "in b", "of the parent", "in a", "in b");
    }

    @Test
    void readsAtTheAnchorsSnapshotWhileCatchingUp() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, body text)", "INSERT INTO t VALUES (1, 'then'), (2, 'then too')");
        CapturedRelation relation = relation(database, "t");
        try (Connection exporter = database.connect()) {
            exporter.setAutoCommit(false);
            exporter.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            String snapshot;
            String view;
            try (ResultSet exported = exporter.createStatement().executeQuery("SELECT pg_export_snapshot()")) {
                exported.next();
                snapshot = exported.getString(1);
                view = SnapshotHolder.view(exporter);
            }
            TableLookups reader = reader(database, snapshot, view, MUCH);
            database.execute("UPDATE t SET body = 'now' WHERE id = 1", "DELETE FROM t WHERE id = 2");
            assertThat(answers(reader, lookup(relation, "body", "1"), lookup(relation, "body", "2")))
                    .containsExactly("then", "then too");
            // An error ends the transaction; the snapshot is imported again.
            database.execute("ALTER TABLE t RENAME TO renamed");
            assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("then");
            // A server that was started again gives the id to another snapshot.
            assertThatThrownBy(
                            () -> answers(reader(database, snapshot, "another", MUCH), lookup(relation, "body", "1")))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            lost -> assertThat(SqlErrors.isUnknownSnapshot(lost))
                                    .isTrue());
        }
    }

    @Test
    void findsTablesAndColumnsUnderTheNamesThatTheyHaveNow() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, body text, note text)", "INSERT INTO t VALUES (1, 'large', 'n')");
        CapturedRelation relation = relation(database, "t");
        TableLookups reader = reader(database, "", "", MUCH);
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");

        database.execute("ALTER TABLE t RENAME body TO content", "ALTER TABLE t RENAME id TO number");
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");

        // Another table has the name now, and a row of this key.
        database.execute(
                "CREATE SCHEMA elsewhere",
                "ALTER TABLE t SET SCHEMA elsewhere",
                "CREATE TABLE t (number int PRIMARY KEY, content text)",
                "INSERT INTO t VALUES (1, 'of another table')");
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");

        database.execute("ALTER TABLE elsewhere.t DROP COLUMN content");
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("NULL");
        assertThat(answers(reader, lookup(relation, "body", "1"), lookup(relation, "note", "1")))
                .containsExactly("NULL", "n");

        database.execute("DROP TABLE elsewhere.t");
        assertThat(answers(reader, lookup(relation, "note", "1"))).containsExactly(GONE);
        assertThat(answers(reader, lookup(relation, "note", "1"))).containsExactly(GONE);
    }

    @Test
    void saysThatAColumnMayHaveAnotherNameByNow() throws Exception {
        TestDatabase database = database(18);
        database.execute("CREATE TABLE t (id int PRIMARY KEY, body text)", "INSERT INTO t VALUES (1, 'large')");
        CapturedRelation relation = relation(database, "t");
        database.execute("ALTER TABLE t RENAME body TO content");
        TableLookups reader = reader(database, "", "", MUCH);
        assertThat(refusal(reader, lookup(relation, "body", "1"))).contains("\"body\"", "dropped or renamed");
    }

    @Test
    void castsValuesToTheTypeThatTheyHad() throws Exception {
        TestDatabase database = database(18);
        database.execute("CREATE TABLE t (id int PRIMARY KEY, body jsonb)", "INSERT INTO t VALUES (1, '{\"a\": 1}')");
        CapturedRelation relation = relation(database, "t");
        TableLookups reader = reader(database, "", "", MUCH);
        database.execute("ALTER TABLE t ALTER body TYPE text, ALTER id TYPE bigint", "UPDATE t SET body = '{\"a\":2}'");
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("{\"a\": 2}");
        database.execute("UPDATE t SET body = 'secret, and no JSON'");
        assertThat(refusal(reader, lookup(relation, "body", "1")))
                .contains("22P02")
                .doesNotContain("secret");
    }

    @Test
    void neverTakesAHiddenRowForOneThatIsGone() throws Exception {
        TestDatabase database = database(18);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, body text)",
                "INSERT INTO t VALUES (1, 'large')",
                "ALTER TABLE t ENABLE ROW LEVEL SECURITY");
        CapturedRelation relation = relation(database, "t");
        String role = "reader_of_" + database.name();
        database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'", "GRANT SELECT ON t TO " + role);
        try {
            ConnectionSettings as = database.connectionSettings();
            Sessions sessions = new Sessions(new ConnectionSettings(
                    as.hostname(), as.port(), as.database(), role, "secret", 10_000, as.driverProperties(), "test"));
            keepOpen(sessions);
            TableLookups reader = new TableLookups(sessions, "", "", MUCH, false);
            assertThat(refusal(reader, lookup(relation, "body", "1"))).contains("row-level security");
        } finally {
            database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    @Test
    void waitsForTransactionsThatAreNotVisibleYetAndAnswersTheOthers() throws Exception {
        TestDatabase database = database(18);
        database.execute("CREATE TABLE t (id int PRIMARY KEY, body text)", "INSERT INTO t VALUES (1, 'large')");
        CapturedRelation relation = relation(database, "t");
        TableLookups reader = reader(database, "", "", MUCH);
        try (Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            long xid;
            try (ResultSet current = writer.createStatement()
                    .executeQuery("SELECT pg_current_xact_id()::text::bigint % (1::bigint << 32)")) {
                current.next();
                xid = current.getLong(1);
            }
            writer.createStatement().execute("UPDATE t SET body = 'larger'");
            Lookup seen = lookup(relation, "body", "1");
            Lookup unseen = new Lookup(relation, xid, new Lsn(600), List.of("1"), new int[] {1});
            assertThat(answers(reader, seen, unseen)).containsExactly("large");
            int[] waits = {0};
            reader.answer(List.of(unseen), () -> {
                if (waits[0]++ == 3) {
                    writer.commit();
                }
            });
            assertThat(waits[0]).isGreaterThan(3);
            assertThat(only(unseen)).isEqualTo("larger");
        }
    }

    @Test
    void goesOnAfterItsSessionIsLost() throws Exception {
        TestDatabase database = database(14);
        database.execute("CREATE TABLE t (id int PRIMARY KEY, body text)", "INSERT INTO t VALUES (1, 'large')");
        CapturedRelation relation = relation(database, "t");
        TableLookups reader = reader(database, "", "", MUCH);
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");
        database.endSessions("toast");
        assertThatThrownBy(() -> answers(reader, lookup(relation, "body", "1"))).isInstanceOf(SQLException.class);
        assertThat(answers(reader, lookup(relation, "body", "1"))).containsExactly("large");
    }
}
