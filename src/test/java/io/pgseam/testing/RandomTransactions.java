package io.pgseam.testing;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * An application that writes random transactions in a thread of its own, with savepoints and rollbacks. If it loses a lock, a race
 * or its session, it rolls back and continues, as applications do. The same seed gives the same transactions.
 */
public abstract class RandomTransactions implements AutoCloseable {

    private static final int MOST_STATEMENTS = 6;
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final long RECONNECT_MS = 200;

    /** Unique violation, serialization failure, deadlock, lock timeout; a column that does not exist yet. */
    private static final Set<String> LOST = Set.of("23505", "40001", "40P01", "55P03", "42703");

    private final TestDatabase database;
    private final Random random;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong committed = new AtomicLong();
    private final Thread thread;
    private volatile @Nullable Exception failure;

    /**
     * @param number tells the writer from others on the same database
     */
    protected RandomTransactions(TestDatabase database, Random random, int number) {
        this.database = database;
        this.random = random;
        this.thread = new Thread(this::run, "writer " + number + " on " + database.name());
        thread.setDaemon(true);
    }

    /** Executes one statement of a transaction. */
    protected abstract void write(Connection connection, Statement statement) throws SQLException, IOException;

    /** Time between two transactions, in ms: a writer without pause would only show which of two programs is faster. */
    protected abstract int pauseMs();

    /** Starts to write. */
    protected final void begin() {
        thread.start();
    }

    /**
     * How many transactions are committed.
     *
     * @throws AssertionError if a statement failed in a way that no fault explains
     */
    public final long committed() {
        Exception cause = failure;
        if (cause != null) {
            throw new AssertionError(thread.getName() + " failed", cause);
        }
        return committed.get();
    }

    /** Waits until so many further transactions are committed. */
    public final void awaitMore(int transactions) {
        long target = committed() + transactions;
        Eventually.holds(thread.getName() + " commits " + transactions + " more", () -> committed() >= target);
    }

    /**
     * Ends the current transaction, and writes no more.
     *
     * @throws AssertionError if a statement failed in a way that no fault explains
     */
    public final void stop() throws InterruptedException {
        stopping.countDown();
        thread.join(TIMEOUT.toMillis());
        if (thread.isAlive()) {
            throw new AssertionError(thread.getName() + " does not end");
        }
        committed();
    }

    @Override
    public final void close() {
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
                stopping.await(pauseMs(), TimeUnit.MILLISECONDS);
            }
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!state.startsWith("08") && !state.startsWith("57")) {
                throw e;
            }
            stopping.await(RECONNECT_MS, TimeUnit.MILLISECONDS);
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

    /** Loads rows in the text format of COPY. */
    protected static void copyIn(Connection connection, String copy, String rows) throws SQLException, IOException {
        connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, new StringReader(rows));
    }
}
