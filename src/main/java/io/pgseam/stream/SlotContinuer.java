package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.SlotContinuation;
import io.pgseam.phase.StreamPosition;
import java.sql.SQLException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Continues at a slot that was created again ({@code slot.continue.lsn}), and says so on the control topic. */
final class SlotContinuer {

    private static final Logger LOG = LoggerFactory.getLogger(SlotContinuer.class);

    private final Sessions sessions;
    private final String slot;
    private final @Nullable SlotContinuation continuation;
    private final ControlRecords control;
    private final String server;

    /**
     * @param continuation null if the slot has to have everything that follows on what is committed
     * @param server {@code topic.prefix}
     */
    SlotContinuer(
            Sessions sessions,
            String slot,
            @Nullable SlotContinuation continuation,
            ControlRecords control,
            String server) {
        this.sessions = sessions;
        this.slot = slot;
        this.continuation = continuation;
        this.control = control;
        this.server = server;
    }

    /** Whether the slot has to be looked at. If it does not fit then, its reader says so. */
    boolean mayApply(StreamPosition committed) {
        return continuation != null && continuation.holds(continuation.lsn(), committed);
    }

    /**
     * Where the stream begins.
     *
     * @param committed what is committed
     * @throws SQLException if the source does not answer
     */
    StreamPosition position(StreamPosition committed) throws SQLException {
        Lsn confirmed = SlotCheck.confirmed(sessions, slot);
        if (continuation == null || !continuation.holds(confirmed, committed)) {
            return committed;
        }
        LOG.warn(
                "Slot \"{}\" was created again: continues at {} (slot.continue.lsn), after {}. What was committed in between is missing in"
                        + " the topics, if there is anything",
                slot,
                confirmed,
                committed.readFrom());
        return committed.continuedAt(confirmed);
    }

    /** What the control topic says of it; its offset is the new position. */
    SourceRecord record(StreamPosition committed, StreamPosition continued) {
        return control.continued(
                slot,
                committed.readFrom(),
                continued.lsn(),
                StreamPosition.sourcePartition(server),
                continued.toSourceOffset());
    }
}
