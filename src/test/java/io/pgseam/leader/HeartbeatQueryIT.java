package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** {@code heartbeat.action.query} runs at its interval, whatever happens to it. */
class HeartbeatQueryIT extends DatabaseScenario {

    private static final String TABLE = "CREATE TABLE beat (id int PRIMARY KEY, beats bigint)";
    private static final String QUERY =
            "INSERT INTO beat VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET beats = beat.beats + 1";

    @Test
    void runsAgainAfterAFailure() throws Exception {
        TestDatabase database = database(18, TABLE);
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        HeartbeatQuery heartbeat = closing(new HeartbeatQuery(sessions, database.name(), QUERY, 20));
        heartbeat.start();
        awaitBeats(database, 3);

        LogFile log = LogFile.fromNow();
        database.execute("DROP TABLE beat");
        log.awaitLine("WARN", "heartbeat.action.query of connector " + database.name(), "beat");
        database.execute(TABLE);
        log.awaitLine("INFO", "heartbeat.action.query of connector " + database.name(), "succeeds again");
        awaitBeats(database, 3);

        database.endSessions("heartbeat");
        long before = beats(database);
        awaitBeats(database, before + 3);
        heartbeat.close();
        assertThat(database.sessions("heartbeat")).isEmpty();
    }

    private static void awaitBeats(TestDatabase database, long count) {
        Eventually.holds("the query has run " + count + " times", () -> beats(database) >= count);
    }

    private static long beats(TestDatabase database) throws SQLException {
        return Long.parseLong(database.queryOne("SELECT coalesce(max(beats), 0)::text FROM beat"));
    }
}
