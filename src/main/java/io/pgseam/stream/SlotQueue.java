package io.pgseam.stream;

import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who reads the slot while the stream waits for it. That may be an earlier task, on a worker that died or stands still: the
 * server ends its session only after {@code wal_sender_timeout}, which can be any time. So there is no end to the waiting; the
 * intervals between two lines of the log double, up to a minute.
 */
final class SlotQueue {

    private static final Logger LOG = LoggerFactory.getLogger(SlotQueue.class);
    private static final long FIRST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String READER = """
            SELECT 'pid ' || s.active_pid || ' (application "' || coalesce(a.application_name, '') || '", client '
                   || coalesce(host(a.client_addr), 'on the server itself') || ', since ' || coalesce(a.backend_start::text, 'unknown')
                   || '; the server ends it when it has been silent for ' || current_setting('wal_sender_timeout')
                   || ' (wal_sender_timeout))'
              FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
             WHERE s.slot_name = ? AND s.active_pid IS NOT NULL
            """;

    private final Sessions sessions;
    private final String slot;
    private long begin;
    private long intervalNanos;
    private long nextWord;

    SlotQueue(Sessions sessions, String slot) {
        this.sessions = sessions;
        this.slot = slot;
    }

    /** The slot is ours. */
    void leave() {
        begin = 0;
    }

    /** Another attempt has failed because another session reads the slot. */
    void waits(SQLException failure) {
        long now = System.nanoTime();
        if (begin == 0) {
            begin = now;
            intervalNanos = FIRST_INTERVAL_NANOS;
            nextWord = now;
        }
        if (now - nextWord < 0) {
            return;
        }
        LOG.warn(
                "The stream has waited for slot \"{}\" for {} s, tries again: {}. It is read by {}. If that is another consumer, stop it, or give"
                        + " this connector a slot.name of its own",
                slot,
                TimeUnit.NANOSECONDS.toSeconds(now - begin),
                SqlErrors.describe(failure),
                reader());
        nextWord = now + intervalNanos;
        intervalNanos = Math.min(2 * intervalNanos, LONGEST_INTERVAL_NANOS);
    }

    private String reader() {
        try (PgConnection session = sessions.open("slot reader");
                PreparedStatement statement = session.prepareStatement(READER)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "nobody any more";
            }
        } catch (SQLException e) {
            return "a session that cannot be looked up now (" + SqlErrors.describe(e) + ")";
        }
    }
}
