package io.pgseam.history;

import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * An application that writes random transactions in a thread of its own, with savepoints and rollbacks. Where it loses a
 * lock, a race or its session, it rolls back and goes on, as applications do.
 */
final class Writer implements AutoCloseable {

    private static final int MOST_STATEMENTS = 6;
    /** After so many transactions the day is quiet: a history that takes long is not to become a large one. */
    private static final int BUSY = 400;

    private static final int STOP_SECONDS = 60;
    /** Unique violation, a race for a row, deadlock, lock timeout; a column that is not there yet. */
    private static final Set<String> LOST = Set.of("23505", "40001", "40P01", "55P03", "42703");

    private final TestDatabase database;
    private final Random random;
    private final WriterStatements statements;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private final AtomicLong committed = new AtomicLong();
    private volatile @Nullable Exception failure;

    private Writer(TestDatabase database, List<SampleTable> tables, long seed, int number) {
        this.database = database;
        this.random = new Random(seed);
        this.statements = new WriterStatements(tables, new Random(seed + 1), 2_000_000L * number);
        this.thread = new Thread(this::run, "writer " + number + " on " + database.name());
    }

    static Writer start(TestDatabase database, List<SampleTable> tables, long seed, int number) {
        Writer writer = new Writer(database, tables, seed, number);
        writer.thread.setDaemon(true);
        writer.thread.start();
        return writer;
    }

    /** How many transactions were committed so far. */
    long committed() {
        return committed.get();
    }

    /**
     * Ends the current transaction, and writes no more.
     *
     * @throws IllegalStateException where it had failed in a way that no fault explains
     */
    void stop() throws InterruptedException {
        stopping.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        if (thread.isAlive()) {
            throw new IllegalStateException(thread.getName() + " does not end");
        }
        Exception cause = failure;
        if (cause != null) {
            throw new IllegalStateException(thread.getName() + " failed", cause);
        }
    }

    @Override
    public void close() {
        stopping.countDown();
    }

    private void run() {
        try {
            while (stopping.getCount() > 0) {
                session();
            }
        } catch (SQLException | IOException | RuntimeException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes until it is stopped or its session is lost. */
    private void session() throws SQLException, IOException, InterruptedException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (stopping.getCount() > 0) {
                transaction(connection, statement);
                // An application that writes as fast as it can would only measure who of the two is faster.
                int pauseMs = committed.get() < BUSY ? 10 + random.nextInt(30) : 300;
                stopping.await(pauseMs, TimeUnit.MILLISECONDS);
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!state.startsWith("08") && !state.startsWith("57")) {
                throw e;
            }
            stopping.await(200, TimeUnit.MILLISECONDS);
        }
    }

    private void transaction(Connection connection, Statement statement) throws SQLException, IOException {
        int writes = 1 + random.nextInt(MOST_STATEMENTS);
        boolean commits = random.nextInt(10) > 0;
        try {
            statement.execute("SET LOCAL lock_timeout = 2000");
            for (int i = 0; i < writes; i++) {
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
            if (!LOST.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            connection.rollback();
        }
    }

    private void write(Connection connection, Statement statement) throws SQLException, IOException {
        WriterStatements.Write write = statements.next();
        if (write.isCopy()) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(write.sql(), new StringReader(write.rows()));
        } else {
            statement.execute(write.sql());
        }
    }
}
