package io.pgseam.history;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.pgseam.testing.ConnectorClient;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Something that people do to a connector, its settings or its source while nothing is broken. */
sealed interface Act extends Fault {

    /**
     * The connector is paused for longer than a Kafka transaction of its producers may last (invariant I15).
     *
     * @param ms how long
     */
    record LongPause(int ms) implements Act {
        /** The setting that makes transactions short enough for it. */
        static final String TIMEOUT_SETTING = "producer.override.transaction.timeout.ms";

        static final int TIMEOUT_MS = 12_000;

        @Override
        public void apply(Scene scene) throws Exception {
            scene.connector().request(ConnectorClient::pause);
            MILLISECONDS.sleep(ms);
            scene.connector().request(ConnectorClient::resume);
        }
    }

    /** A setting changes which or how many records a transaction gives, while a large transaction is streamed (invariant I13). */
    record ChangeSetting(Setting setting) implements Act {
        private static final int ROWS = 2_500;
        private static final int FIRST_KEY = 900_000_000;
        private static final int DELAY_MS = 30;

        @Override
        public void apply(Scene scene) throws Exception {
            SampleTable table = scene.plainTable();
            String few = " WHERE i >= " + FIRST_KEY + " AND i % 3 = 0";
            // A slow road makes sure that the transaction is still on its way when the setting changes.
            scene.proxy().delay(DELAY_MS);
            try (Connection session = scene.database().connect();
                    Statement statement = session.createStatement()) {
                session.setAutoCommit(false);
                statement.execute("INSERT INTO " + Scene.SIDE_TABLE + " SELECT i, 'first' FROM generate_series(1, "
                        + ROWS + ") i ON CONFLICT (id) DO UPDATE SET v = 'again'");
                statement.execute(table.insertion(FIRST_KEY, FIRST_KEY + ROWS, "between settings") + table.orUpdate());
                statement.execute("UPDATE " + Scene.SIDE_TABLE + " SET v = 'changed'");
                statement.execute("DELETE FROM " + table.name() + few);
                session.commit();
                scene.connector().change(setting.name, setting.value);
            } finally {
                scene.proxy().delay(0);
            }
        }
    }

    /** Settings that change which records a transaction gives. */
    enum Setting {
        EXCLUDE_TABLE("table.exclude.list", "public\\." + Scene.SIDE_TABLE),
        TOMBSTONES("tombstones.on.delete", "true"),
        METADATA("flat.metadata.fields", "__op,__lsn,__seq,__snapshot,__ver"),
        KEY("message.key.columns", "public\\." + Scene.SIDE_TABLE + ":v");

        private final String name;
        private final String value;

        Setting(String name, String value) {
            this.name = name;
            this.value = value;
        }
    }

    /** A table gets the name of another one: the way in which tables are rewritten without a long lock (invariant I16). */
    record SwapNames() implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            String table = scene.plainTable().name();
            String fresh = table + "_new";
            scene.truths().rewriting(scene.database(), () -> {
                try (Connection session = scene.database().connect();
                        Statement statement = session.createStatement()) {
                    session.setAutoCommit(false);
                    statement.execute("SET LOCAL lock_timeout = 8000");
                    statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
                    statement.execute("CREATE TABLE " + fresh + " (LIKE " + table + " INCLUDING ALL)");
                    statement.execute("INSERT INTO " + fresh + " SELECT * FROM " + table);
                    statement.execute("ALTER TABLE " + table + " RENAME TO " + table + "_old");
                    statement.execute("ALTER TABLE " + fresh + " RENAME TO " + table);
                    session.commit();
                    scene.replaced(table, scene.database().now());
                } catch (SQLException e) {
                    scene.timeline().note("fault", "not swapped: %s", e.getMessage());
                }
            });
        }
    }

    /**
     * A table comes that cannot be captured. Others must not notice, and the application has to be able to go on with it
     * (invariant I14).
     */
    record AddUnfitTable(Unfit unfit) implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.database().execute(unfit.creation.toArray(String[]::new));
            scene.holdsAtTheEnd(
                    "the application changes its table (" + unfit + ")",
                    () -> scene.database().execute(unfit.change));
        }
    }

    /** Why a table cannot be captured. */
    enum Unfit {
        KEYLESS(
                List.of("CREATE TABLE keyless (a int, b text)", "INSERT INTO keyless VALUES (1, 'x')"),
                "UPDATE keyless SET b = 'y'"),
        DEFERRABLE_KEY(
                List.of(
                        "CREATE TABLE postponed (a int PRIMARY KEY DEFERRABLE, b text)",
                        "INSERT INTO postponed VALUES (1, 'x')"),
                "UPDATE postponed SET b = 'y'"),
        RESERVED_COLUMN(
                List.of("CREATE TABLE reserved (a int PRIMARY KEY, __op int)", "INSERT INTO reserved VALUES (1, 1)"),
                "UPDATE reserved SET __op = 2"),
        COLLIDING_TOPIC(
                List.of(
                        "CREATE TABLE \"c?a\" (a int PRIMARY KEY, b text)",
                        "CREATE TABLE \"c a\" (a int PRIMARY KEY, b text)",
                        "INSERT INTO \"c a\" VALUES (1, 'x')"),
                "UPDATE \"c a\" SET b = 'y'");

        private final List<String> creation;
        private final String change;

        Unfit(List<String> creation, String change) {
            this.creation = creation;
            this.change = change;
        }
    }

    /** An application leaves a transaction open, which everything has to wait for that needs a consistent point. */
    record OldTransaction(int ms) implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            Connection session = scene.database().connect();
            session.setAutoCommit(false);
            try (Statement statement = session.createStatement()) {
                statement.execute("SELECT pg_current_xact_id()");
                scene.later(ms, session::close);
            } catch (SQLException e) {
                session.close();
                throw e;
            }
        }
    }

    /**
     * The password of the connector's role is changed, and in its configuration some time later.
     *
     * @param ms how much later
     */
    record NewPassword(int ms) implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            String password = scene.connector().name() + "-" + System.nanoTime();
            scene.database().execute("ALTER ROLE " + scene.role() + " PASSWORD '" + password + "'");
            MILLISECONDS.sleep(ms);
            scene.connector().change("database.password", password);
        }
    }

    /**
     * The publication is dropped, and made again with the same tables, unless the connector was faster (invariant I16).
     *
     * @param ms how much later it is made again
     */
    record RemakePublication(int ms) implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            String name = scene.publication();
            List<String> members = scene.database()
                    .query(
                            "SELECT prrelid::regclass::text FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
                                    + " WHERE pubname = '" + name + "'");
            if (!members.isEmpty()) {
                scene.changePublication(
                        scene.relations(),
                        "DROP PUBLICATION " + name,
                        ms,
                        "CREATE PUBLICATION " + name + " FOR TABLE " + String.join(", ", members)
                                + " WITH (publish_via_partition_root = "
                                + scene.history().viaRoot() + ")");
            }
        }
    }

    /**
     * The publication leaves something out for a while.
     *
     * @param restriction what it leaves out
     * @param ms how long
     */
    record RestrictPublication(Restriction restriction, int ms) implements Act {
        @Override
        public void apply(Scene scene) throws Exception {
            if (restriction == Restriction.ROW_FILTER && scene.history().postgres() < VERSION_WITH_ROW_FILTERS) {
                return;
            }
            scene.changePublication(
                    restriction.ofAll
                            ? scene.relations()
                            : List.of(scene.plainTable().name()),
                    restriction.begin.formatted(scene.publication()),
                    ms,
                    restriction.end.formatted(scene.publication()));
        }
    }

    int VERSION_WITH_ROW_FILTERS = 15;

    /** What a publication can leave out. */
    enum Restriction {
        ONLY_INSERTS(
                true,
                "ALTER PUBLICATION %s SET (publish = 'insert')",
                "ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')"),
        ROW_FILTER(
                false,
                "BEGIN; ALTER PUBLICATION %1$s DROP TABLE plain; ALTER PUBLICATION %1$s ADD TABLE plain WHERE (id > 100); COMMIT",
                "BEGIN; ALTER PUBLICATION %1$s DROP TABLE plain; ALTER PUBLICATION %1$s ADD TABLE plain; COMMIT"),
        TABLE_LEFT_OUT(false, "ALTER PUBLICATION %s DROP TABLE plain", "ALTER PUBLICATION %s ADD TABLE plain");

        private final boolean ofAll;
        private final String begin;
        private final String end;

        Restriction(boolean ofAll, String begin, String end) {
            this.ofAll = ofAll;
            this.begin = begin;
            this.end = end;
        }
    }
}
