package io.pgseam.pg.session;

import io.pgseam.pg.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The timelines that a server was on before: each promotion begins another, and each recovery to an earlier time. What has
 * an LSN after the end of a timeline is not in the ones that come from it.
 */
public final class TimelineHistory {

    private final Map<Integer, Lsn> ends;

    private TimelineHistory(Map<Integer, Lsn> ends) {
        this.ends = ends;
    }

    /**
     * Asks the server.
     *
     * @param timeline the server's timeline; not 1, which has no history
     */
    public static TimelineHistory read(Sessions sessions, int timeline) throws SQLException {
        try (PgConnection session = sessions.openReplication("timeline");
                Statement statement = session.createStatement();
                ResultSet file = statement.executeQuery("TIMELINE_HISTORY " + Integer.toUnsignedString(timeline))) {
            if (!file.next()) {
                throw new SQLException("the server has no history of timeline " + timeline);
            }
            return parse(file.getString(2));
        }
    }

    /** Reads a history file: a line for each timeline, with its number, where it ends, and a reason. */
    static TimelineHistory parse(String file) {
        Map<Integer, Lsn> ends = new HashMap<>();
        file.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            if (line.startsWith("#")) {
                return;
            }
            String[] fields = line.split("\\s+", 3);
            ends.put(Integer.parseUnsignedInt(fields[0]), Lsn.parse(fields[1]));
        });
        return new TimelineHistory(ends);
    }

    /** Where the server left a timeline; null where it was never on it. */
    public @Nullable Lsn endOf(int timeline) {
        return ends.get(timeline);
    }
}
