package io.pgseam.history;

import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** Something that happens to a {@link Pair}. Nothing of it happens to a standby that was promoted, except that it restarts. */
sealed interface PairFault extends Fault {

    /** The standby, which the connector reads, restarts, in order or by a crash. */
    record RestartStandby(PostgresServer.Stop stop) implements PairFault {
        @Override
        public void apply(Scene scene) {
            scene.pair().restartStandby(stop);
        }
    }

    /**
     * The standby loses its primary for a while.
     *
     * @param ms how long
     */
    record CutOff(int ms) implements PairFault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.pair().cutOff();
            scene.later(ms, scene.pair()::heal);
        }
    }

    /**
     * The standby falls behind.
     *
     * @param ms how long
     */
    record StopReplay(int ms) implements PairFault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.pair().stopReplay();
            scene.later(ms, scene.pair()::heal);
        }
    }

    /**
     * A table is locked on the primary, and the standby cancels whatever reads it there.
     *
     * @param table the table
     * @param ms how long it is locked
     */
    record Conflict(String table, int ms) implements PairFault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.pair().impatient();
            TestDatabase database = scene.database();
            try (Connection session = database.connect();
                    Statement statement = session.createStatement()) {
                session.setAutoCommit(false);
                statement.execute("SET LOCAL lock_timeout = 3000");
                statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
                TimeUnit.MILLISECONDS.sleep(ms);
            } catch (SQLException e) {
                scene.timeline().note("fault", "not locked: %s", e.getMessage());
            }
            scene.pair().heal();
        }
    }

    /** The primary is stopped, and the standby promoted; applications continue there. */
    record Promote() implements PairFault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.promote();
        }
    }
}
