package io.pgseam;

import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * An application that writes random transactions in a thread of its own: inserts, updates, deletes, moves to other keys,
 * large values changed and left as they are, upserts, bulk COPY, savepoints and rollbacks. The same seed gives the same
 * statements.
 *
 * <p>Several writers on one database get in each other's way, as applications do: who loses, rolls back.
 */
final class RandomWriter implements AutoCloseable {

    /** How many rows each of the tables has when the writers begin. */
    static final int ROWS = 6_000;

    /** The tables, without their schema. */
    static final String[] TABLES = {"public.account", "public.document", "public.event"};

    private static final int MOST_STATEMENTS = 8;
    private static final int MOST_BULK_ROWS = 400;
    /** Unique violation, deadlock, lock timeout. */
    private static final Set<String> LOST = Set.of("23505", "40P01", "55P03");

    private final TestDatabase database;
    private final Random random;
    private final int number;
    private final AtomicLong committed = new AtomicLong();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Exception failure;
    private long fresh;

    private RandomWriter(TestDatabase database, Random random, int number) {
        this.database = database;
        this.random = random;
        this.number = number;
        // Each writer has keys of its own for new rows, so that most inserts succeed.
        this.fresh = 1_000_000L * number;
        this.thread = new Thread(this::run, "writer " + number + " on " + database.name());
    }

    /** Makes the tables that writers write, and fills them. */
    static void createTables(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE account (id bigint PRIMARY KEY, owner text, balance numeric(12,2), touched timestamptz)",
                "CREATE TABLE document (region text, id int, body text, note text, PRIMARY KEY (region, id))",
                "ALTER TABLE document ALTER body SET STORAGE EXTERNAL",
                "CREATE TABLE event (id bigint PRIMARY KEY, payload jsonb, tags text[], seen boolean)",
                "INSERT INTO account SELECT i, 'owner ' || i || repeat(' of it', 20), i / 100.0, now()"
                        + " FROM generate_series(1, " + ROWS + ") i",
                "INSERT INTO document SELECT (ARRAY['nord', 'süd'])[i % 2 + 1], i, CASE WHEN i % 5 = 0"
                        + " THEN repeat(md5(i::text), 100) ELSE 'short' END, 'note ' || i FROM generate_series(1, "
                        + ROWS
                        + ") i",
                "INSERT INTO event SELECT i, jsonb_build_object('n', i, 't', repeat('x', 100)), ARRAY['a', i::text], false"
                        + " FROM generate_series(1, " + ROWS + ") i");
    }

    /** Starts a writer; its number tells it from others on the same database. */
    static RandomWriter start(TestDatabase database, long seed, int number) {
        RandomWriter writer = new RandomWriter(database, new Random(seed * 31 + number), number);
        writer.thread.setDaemon(true);
        writer.thread.start();
        return writer;
    }

    /** How many transactions were committed so far. */
    long committed() {
        Exception cause = failure;
        if (cause != null) {
            throw new AssertionError("writer " + number + " failed", cause);
        }
        return committed.get();
    }

    /** Ends the current transaction, and writes no more. */
    void stop() throws InterruptedException {
        stopping.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(30));
        if (thread.isAlive()) {
            throw new AssertionError("writer " + number + " does not end");
        }
        committed();
    }

    @Override
    public void close() {
        stopping.countDown();
    }

    private void run() {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                while (stopping.getCount() > 0) {
                    transaction(connection, statement);
                    // An application that writes as fast as it can would only measure who of the two is faster.
                    stopping.await(2, TimeUnit.MILLISECONDS);
                }
            }
        } catch (SQLException | IOException | RuntimeException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void transaction(Connection connection, Statement statement) throws SQLException, IOException {
        int statements = 1 + random.nextInt(MOST_STATEMENTS);
        boolean commits = random.nextInt(10) > 0;
        try {
            statement.execute("SET LOCAL lock_timeout = 2000");
            for (int i = 0; i < statements; i++) {
                if (random.nextInt(6) > 0) {
                    write(connection, statement);
                } else {
                    Savepoint savepoint = connection.setSavepoint();
                    write(connection, statement);
                    if (random.nextBoolean()) {
                        connection.rollback(savepoint);
                    }
                }
            }
            if (commits) {
                connection.commit();
                committed.incrementAndGet();
            } else {
                connection.rollback();
            }
        } catch (SQLException e) {
            connection.rollback();
            if (!LOST.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        }
    }

    private void write(Connection connection, Statement statement) throws SQLException, IOException {
        long some = 1 + random.nextInt(ROWS);
        int few = random.nextInt(20);
        switch (random.nextInt(14)) {
            case 0 ->
                statement.execute("UPDATE account SET balance = balance + " + few + ", touched = now() WHERE id"
                        + " BETWEEN " + some + " AND " + (some + few));
            case 1 -> statement.execute("DELETE FROM account WHERE id = " + some);
            case 2 ->
                statement.execute("INSERT INTO account SELECT i, 'new', 1, now() FROM generate_series(" + take(few + 1)
                        + ", " + (fresh - 1) + ") i");
            case 3 ->
                statement.execute("UPDATE account SET id = " + take(1) + ", owner = 'moved away' WHERE id = " + some);
            case 4 ->
                statement.execute("UPDATE account SET id = " + some + " WHERE id = (SELECT min(id) FROM account"
                        + " WHERE id > " + ROWS + ") AND NOT EXISTS (SELECT FROM account WHERE id = " + some + ")");
            case 5 ->
                statement.execute("INSERT INTO account VALUES (" + some + ", 'upserted', " + few
                        + ", now()) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = excluded.balance");
            case 6 ->
                statement.execute("UPDATE document SET body = repeat(md5('" + some + "." + few + "'), 90 + " + few
                        + ") WHERE id BETWEEN " + some + " AND " + (some + 3));
            case 7 ->
                statement.execute("UPDATE document SET note = 'noted " + few + "' WHERE id BETWEEN " + some + " AND "
                        + (some + few));
            case 8 ->
                statement.execute("UPDATE document SET region = CASE region WHEN 'süd' THEN 'nord' ELSE 'süd' END"
                        + " WHERE id = " + some);
            case 9 -> statement.execute("DELETE FROM document WHERE id = " + some);
            case 10 -> bulk(connection);
            case 11 ->
                statement.execute(
                        "UPDATE event SET seen = NOT seen, tags = tags || '{\"\\\\\",NULL}' WHERE id = " + some);
            case 12 -> {
                statement.execute("DELETE FROM event WHERE id = " + some);
                statement.execute("INSERT INTO event VALUES (" + some + ", '{\"again\": " + few + "}', '{}', NULL)");
            }
            default -> statement.execute("UPDATE account SET owner = owner WHERE id % 500 = " + few);
        }
    }

    /** A bulk load: its rows share the positions of whole pages in the WAL. */
    private void bulk(Connection connection) throws SQLException, IOException {
        int rows = 1 + random.nextInt(MOST_BULK_ROWS);
        StringBuilder text = new StringBuilder();
        for (long id = take(rows); id < fresh; id++) {
            text.append(id).append("\t{\"bulk\": ").append(id).append("}\t{b,c}\tt\n");
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY event FROM STDIN", new StringReader(text.toString()));
    }

    /** The first of so many keys that nobody has used. */
    private long take(int keys) {
        long first = fresh;
        fresh += keys;
        return first;
    }
}
