package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.WalPosition;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.TimelineHistory;
import io.pgseam.phase.SlotFaults;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.Timeline;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the slot still has what follows on the committed position. The server does not say: asked for changes from a position
 * that the slot has left behind, or that the server has not come to yet, it sends what is after both.
 *
 * <p>To be asked while a session of our own reads the slot, when no other session can move it.
 */
final class SlotCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SlotCheck.class);

    private static final String QUERY = """
            SELECT confirmed_flush_lsn::text, (%s)::text
              FROM pg_catalog.pg_replication_slots WHERE slot_name = ?
            """.formatted(WalPosition.NOW);

    private SlotCheck() {}

    /**
     * Makes sure that nothing is left out.
     *
     * @param readFrom everything before it is in Kafka, and nothing after it may be missing in the slot
     * @param committed the newest LSN of a change in Kafka; not before that
     * @throws ConnectException if changes after it are not in the slot any more, or the server is behind it and no standby
     * @throws SQLException where the server does not answer
     */
    static void ensureNothingIsLeftOut(Sessions sessions, String slot, Lsn readFrom, Lsn committed)
            throws SQLException {
        Positions now = positions(sessions, slot);
        if (now == null) {
            throw new SQLException("slot \"" + slot + "\" is gone while it is read", "42704");
        }
        Lsn confirmed = Objects.requireNonNull(now.confirmed());
        if (confirmed.isAfter(readFrom)) {
            throw new ConnectException(SlotFaults.ahead(slot, confirmed, readFrom));
        }
        // A standby that was started again has to replay what it has sent before.
        if (now.server().isBefore(committed) && !now.standby()) {
            throw new ConnectException(SlotFaults.serverBehind(slot, now.server(), committed));
        }
    }

    /**
     * The confirmed LSN of the slot; {@link Lsn#NONE} if it has none, or there is no slot.
     *
     * @throws SQLException if the source does not answer
     */
    static Lsn confirmed(Sessions sessions, String slot) throws SQLException {
        Positions now = positions(sessions, slot);
        return now == null || now.confirmed() == null ? Lsn.NONE : now.confirmed();
    }

    /**
     * Where slot and server are.
     *
     * @param confirmed null if the slot has no confirmed LSN
     * @param standby whether the server is a standby
     */
    private record Positions(@Nullable Lsn confirmed, Lsn server, boolean standby) {}

    /** Null if there is no slot of this name. */
    private static @Nullable Positions positions(Sessions sessions, String slot) throws SQLException {
        try (PgConnection session = sessions.open("slot check");
                PreparedStatement statement = session.prepareStatement(QUERY)) {
            statement.setString(1, slot);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                String confirmed = rows.getString(1);
                return new Positions(
                        confirmed == null ? null : Lsn.parse(confirmed),
                        Lsn.parse(rows.getString(2)),
                        Sessions.isWithStandby(session));
            }
        }
    }

    /**
     * Makes sure that the server has what was read on another timeline. LSNs tell only until the server has written as much as
     * it had before.
     *
     * @param server the server and its timeline
     * @param sent everything up to it is in Kafka, or is on its way there
     * @throws ConnectException where the server has gone on from before that, or is another cluster
     * @throws SQLException where the server does not answer
     */
    static void ensureSamePast(Sessions sessions, String slot, Timeline server, StreamPosition sent)
            throws SQLException {
        int before = sent.timeline().number();
        if (server.isOfAnotherCluster(sent.timeline())) {
            throw new ConnectException(SlotFaults.anotherCluster(slot, server, sent));
        }
        if (before == 0 || before == server.number()) {
            return;
        }
        Lsn branch = TimelineHistory.read(sessions, server.number()).endOf(before);
        if (branch == null || sent.isPast(branch)) {
            throw new ConnectException(SlotFaults.anotherPast(slot, server.number(), branch, sent));
        }
        LOG.info(
                "The server has gone on from timeline {} to timeline {} at {}; slot \"{}\" is streamed on from {}",
                before,
                server.number(),
                branch,
                slot,
                sent.lsn());
    }
}
