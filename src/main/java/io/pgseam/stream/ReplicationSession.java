package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SynchronizedSlot;
import io.pgseam.phase.SlotFaults;
import io.pgseam.phase.Timeline;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.replication.fluent.logical.ChainedLogicalStreamBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A walsender session that reads the slot. */
final class ReplicationSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationSession.class);

    /** How often a silent server is asked for a word. */
    private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Sessions sessions;
    private final PgConnection session;
    private final PGReplicationStream stream;
    private final Timeline timeline;
    private final boolean onStandby;
    private long lastAsked = System.nanoTime();
    private boolean silent;

    private final @Nullable RawMessages raw;

    private ReplicationSession(
            Sessions sessions,
            PgConnection session,
            PGReplicationStream stream,
            Timeline timeline,
            boolean onStandby,
            @Nullable RawMessages raw) {
        this.onStandby = onStandby;
        this.sessions = sessions;
        this.raw = raw;
        this.session = session;
        this.stream = stream;
        this.timeline = timeline;
    }

    /**
     * Starts to read the slot.
     *
     * @param role what the session is for, see {@link StreamAssignment#sessionRole}
     * @param from what is durable already: the server sends whole transactions that commit at this LSN or later
     * @param unconverted whether the server is to send text as it is, because it cannot convert it
     * @throws SQLException with SQLSTATE 55006 if another session reads the slot
     */
    static ReplicationSession start(
            Sessions sessions, String role, StreamSettings settings, Lsn from, boolean unconverted)
            throws SQLException {
        try {
            return start(sessions, role, settings, from, unconverted, session -> settings.slot());
        } catch (SQLException e) {
            throw SynchronizedSlot.explain(sessions, settings.slot(), e);
        }
    }

    /**
     * Starts to read a temporary copy of the slot, which another session may read meanwhile. The copy ends with the session.
     *
     * @param role as of {@link #start}
     * @param from as of {@link #start}
     * @param unconverted as of {@link #start}
     * @throws SQLException with SQLSTATE 53400 or 53300 if the server has no room for another slot or walsender
     * @throws ConnectException if the slot no longer has what was committed at this LSN (invariant I10)
     */
    static ReplicationSession startCopy(
            Sessions sessions, String role, StreamSettings settings, Lsn from, boolean unconverted)
            throws SQLException {
        return start(sessions, role, settings, from, unconverted, session -> copySlot(session, settings.slot(), from));
    }

    private static String copySlot(PgConnection session, String slot, Lsn from) throws SQLException {
        String copy = SlotLifetime.temporaryName(slot, "lagging", session.getBackendPID());
        try (Statement statement = session.createStatement();
                ResultSet copied =
                        statement.executeQuery("SELECT lsn::text FROM pg_catalog.pg_copy_logical_replication_slot('"
                                + slot + "', '" + copy + "', true)")) {
            copied.next();
            Lsn confirmed = Lsn.parse(copied.getString(1));
            if (confirmed.isAfter(from)) {
                throw new ConnectException(SlotFaults.ahead(slot, confirmed, from));
            }
            return copy;
        }
    }

    private static ReplicationSession start(
            Sessions sessions, String role, StreamSettings settings, Lsn from, boolean unconverted, SlotChoice slots)
            throws SQLException {
        PgConnection session = sessions.openReplication(role);
        try {
            boolean onStandby = Sessions.isWithStandby(session);
            Timeline timeline = timelineOf(session);
            String slot = slots.choose(session);
            RawMessages raw = unconverted ? raw(session, settings) : null;
            ChainedLogicalStreamBuilder builder =
                    session.getReplicationAPI().replicationStream().logical();
            if (settings.readsMessages()) {
                builder = builder.withSlotOption("messages", true);
            }
            PGReplicationStream stream = builder.withSlotName(slot)
                    .withStartPosition(LogSequenceNumber.valueOf(from.value()))
                    // The driver would confirm what it has received; the ledger decides what is confirmed (invariant
                    // I3).
                    .withAutomaticFlush(false)
                    .withStatusInterval(settings.statusIntervalMs(), TimeUnit.MILLISECONDS)
                    .withSlotOption("proto_version", 1)
                    .withSlotOption(
                            "publication_names",
                            TableId.quoteIdentifier(settings.publication()).replace("'", "''"))
                    .start();
            LOG.info(
                    "Streaming from slot \"{}\", publication \"{}\", from {} on, with backend {}",
                    slot,
                    settings.publication(),
                    from,
                    session.getBackendPID());
            return new ReplicationSession(sessions, session, stream, timeline, onStandby, raw);
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** Says which slot a session reads. */
    @FunctionalInterface
    private interface SlotChoice {
        String choose(PgConnection session) throws SQLException;
    }

    private static RawMessages raw(PgConnection session, StreamSettings settings) throws SQLException {
        String encoding = session.getParameterStatus("server_encoding");
        try (Statement statement = session.createStatement()) {
            statement.execute("SET client_encoding = '" + encoding + "'");
        }
        return new RawMessages(
                String.valueOf(encoding),
                settings.replaceInvalidText(),
                settings.signals().table());
    }

    /** To be asked before the slot is read: the session takes no command after that. */
    private static Timeline timelineOf(PgConnection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet system = statement.executeQuery("IDENTIFY_SYSTEM")) {
            system.next();
            return new Timeline(Long.parseUnsignedLong(system.getString("systemid")), system.getInt("timeline"));
        }
    }

    /** The server and its timeline when the session was opened. */
    Timeline timeline() {
        return timeline;
    }

    /** Whether the server was a standby when the session was opened: then it may go over to another timeline while it is read. */
    boolean isOnStandby() {
        return onStandby;
    }

    /**
     * The next message of pgoutput, or null where there is none at present.
     *
     * @throws SQLException also where the server has vanished
     */
    @Nullable
    ByteBuffer readPending() throws SQLException {
        ByteBuffer message = stream.readPending();
        silent = message == null && sessions.ensurePresent(session);
        if (silent && System.nanoTime() - lastAsked > ASK_NANOS) {
            // The server answers each of them.
            lastAsked = System.nanoTime();
            stream.forceUpdateStatus();
        }
        return raw == null || message == null ? message : raw.utf8(message, received());
    }

    /**
     * Waits until the server has sent something, after {@link #readPending} had nothing. What has come may be less than a message.
     *
     * @param timeoutMs how long, in ms; more than 0
     * @throws SQLException if the session is lost, or was closed by another thread
     */
    void await(int timeoutMs) throws SQLException {
        sessions.awaitBytes(session, timeoutMs);
    }

    /** Whether the server has been silent for so long, when the last message was asked for, that it may have ended the session. */
    boolean isSilent() {
        return silent;
    }

    /** Where the last message stands in the WAL; between transactions, up to where the server has sent everything. */
    Lsn received() {
        return new Lsn(stream.getLastReceiveLSN().asLong());
    }

    /**
     * Confirms, with a status message: changes that commit before this LSN are never sent again.
     *
     * <p>No other status message names it. A server that shuts down waits until its walsenders have everything that it has sent: by
     * what they have written, where a message does not say what is flushed (walsender.c, WalSndDone). What is flushed here may stay
     * behind for hours, while rows are copied or the captured tables are quiet, and no session should have to wait for that.
     */
    void confirm(Lsn lsn) throws SQLException {
        LogSequenceNumber confirmed = LogSequenceNumber.valueOf(lsn.value());
        stream.setFlushedLSN(confirmed);
        stream.setAppliedLSN(confirmed);
        stream.forceUpdateStatus();
        stream.setFlushedLSN(LogSequenceNumber.INVALID_LSN);
        stream.setAppliedLSN(LogSequenceNumber.INVALID_LSN);
    }

    /** Sends a status message now. */
    void sendStatus() throws SQLException {
        stream.forceUpdateStatus();
    }

    /** Ends the session at once; the server lets go of the slot when it sees that. */
    @Override
    public void close() {
        Sessions.abortQuietly(session);
    }
}
