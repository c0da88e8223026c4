package io.pgseam.history;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.PostgresServer.Stop;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;

/** A primary, which applications write to, and a standby of it, which the connector reads. They belong to one history. For any thread. */
final class Pair implements AutoCloseable {

    private static final String SLOT = "standby";
    private static final String RELOAD = "SELECT pg_reload_conf()";

    private final TestDatabase primary;
    private final TestDatabase standby;
    private volatile boolean promoted;

    private Pair(TestDatabase primary, TestDatabase standby) {
        this.primary = primary;
        this.standby = standby;
    }

    /** Starts a standby of a server. */
    static Pair start(TestDatabase primary) throws SQLException {
        PostgresServer standby = primary.server().startStandby(SLOT, primary.name());
        Pair pair = new Pair(primary, new TestDatabase(standby, primary.name()));
        pair.awaitReplayed();
        return pair;
    }

    /** What the connector reads. */
    TestDatabase source() {
        return standby;
    }

    /** What can be written: the primary, or what was promoted in its place. */
    TestDatabase writable() {
        return promoted ? standby : primary;
    }

    void restartStandby(Stop stop) {
        standby.server().restart(stop);
    }

    /** The standby receives nothing from its primary. */
    void cutOff() throws SQLException {
        if (!promoted) {
            standby.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", RELOAD);
        }
    }

    /** The standby receives everything, but replays nothing. */
    void stopReplay() throws SQLException {
        if (!promoted) {
            standby.execute("SELECT pg_wal_replay_pause()");
        }
    }

    /** The standby does not wait for statements that keep it from replaying. */
    void impatient() throws SQLException {
        if (!promoted) {
            standby.execute("ALTER SYSTEM SET max_standby_streaming_delay = 0", RELOAD);
        }
    }

    /** The standby is connected, replays, and waits as by default. */
    synchronized void heal() throws SQLException {
        if (!promoted) {
            standby.execute(
                    "ALTER SYSTEM RESET primary_conninfo",
                    "ALTER SYSTEM RESET max_standby_streaming_delay",
                    RELOAD,
                    "SELECT pg_wal_replay_resume()");
        }
    }

    /** An administrator switches over: nothing is written any more, the standby has everything, and is promoted. The primary is gone. */
    synchronized void promote() throws SQLException {
        heal();
        awaitReplayed();
        primary.server().stop(Stop.FAST);
        standby.execute("SELECT pg_promote()");
        promoted = true;
    }

    private void awaitReplayed() throws SQLException {
        Lsn written = primary.now();
        Eventually.holds(
                "the standby has replayed " + written,
                () -> !Lsn.parse(standby.queryOne("SELECT pg_last_wal_replay_lsn()::text"))
                        .isBefore(written));
    }

    @Override
    public void close() {
        standby.server().close();
        primary.server().close();
    }
}
