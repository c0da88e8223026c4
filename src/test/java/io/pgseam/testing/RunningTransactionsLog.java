package io.pgseam.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has a primary log its running transactions all the time, as a busy one does every 15 s: slots on its standbys wait for that. */
public final class RunningTransactionsLog implements AutoCloseable {

    private static final int PAUSE_MS = 100;

    private final Connection session;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private RunningTransactionsLog(Connection session) {
        this.session = session;
    }

    /** Begins to do so. */
    public static RunningTransactionsLog of(TestDatabase primary) throws SQLException {
        RunningTransactionsLog log = new RunningTransactionsLog(primary.connect());
        Thread thread = new Thread(log::run, "running-transactions");
        thread.setDaemon(true);
        thread.start();
        return log;
    }

    private void run() {
        try (Statement statement = session.createStatement()) {
            do {
                statement.execute("SELECT pg_log_standby_snapshot()");
            } while (!stopped.await(PAUSE_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            if (stopped.getCount() > 0) {
                throw new IllegalStateException("the primary logs no running transactions any more", e);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        stopped.countDown();
        session.close();
    }
}
