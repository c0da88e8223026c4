package io.pgseam.tool.state;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.tool.connect.ConnectorState;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.ConnectorLog.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A connector at one moment.
 *
 * @param connector its name
 * @param controlTopic name of its control topic
 * @param slotName name of its slot
 * @param log what the control topic says
 * @param sourceLsn where the source writes WAL
 * @param replay how far the source is behind its primary; empty if it is no standby
 * @param slot its slot; empty if it does not exist
 * @param connect what Connect says; empty if it was not asked
 * @param atMs when, in ms since 1970
 */
public record ConnectorReport(
        String connector,
        String controlTopic,
        String slotName,
        ConnectorLog log,
        Lsn sourceLsn,
        Optional<ReplayLag> replay,
        Optional<Slot> slot,
        Optional<ConnectorState> connect,
        long atMs) {

    /** Whether every row is copied, so that changes follow. */
    public boolean hasWholeCopy() {
        return log.phase() == Phase.STREAMING || log.phase() == Phase.ENDED;
    }

    /** Whether everything that was committed before an LSN is in the topics. */
    public boolean has(Lsn lsn) {
        return position().map(position -> !position.isBefore(lsn)).orElse(false);
    }

    /**
     * Everything that was committed before this LSN is in the topics; empty as long as rows are copied. The slot's confirmed LSN says
     * so while changes come, a heartbeat while none do.
     */
    public Optional<Lsn> position() {
        if (!hasWholeCopy()) {
            return Optional.empty();
        }
        Stream<Lsn> confirmed = slot.map(found -> found.state().confirmedFlushLsn()).stream();
        Stream<Lsn> announced = Stream.of(
                        log.heartbeat().map(ConnectorLog.Heartbeat::lsn),
                        log.endLsn(),
                        log.seam().map(seam -> seam.lsn()))
                .flatMap(Optional::stream);
        return Stream.concat(confirmed, announced).reduce(Lsn::max);
    }

    /** Bytes of WAL between the position and where the source writes; empty as long as rows are copied. */
    public Optional<Long> lagBytes() {
        return position().map(position -> Math.max(0, sourceLsn.value() - position.value()));
    }

    /** How long ago something was, in the worker's and this machine's clocks. */
    public Duration since(long thenMs) {
        return Duration.ofMillis(Math.max(0, atMs - thenMs));
    }

    /** Why the connector cannot get any further; empty if it can. */
    public Optional<String> obstacle() {
        if (connect.isPresent() && connect.get().hasFailed()) {
            return Optional.of("connector " + connector + " has failed: " + failure(connect.get()));
        }
        if (log.phase() == Phase.ENDED) {
            return Optional.of("the connector has ended where it was told to");
        }
        if (log.phase() != Phase.STARTING && slot.isEmpty()) {
            return Optional.of("slot " + slotName + " does not exist");
        }
        return slot.filter(found -> found.state().isInvalidated())
                .map(found -> "slot " + slotName + " is lost (" + found.state().invalidation() + ")");
    }

    private static String failure(ConnectorState state) {
        return Stream.concat(Stream.of(state.trace()), state.tasks().stream().map(ConnectorState.Task::trace))
                .filter(trace -> !trace.isEmpty())
                .findFirst()
                .orElse("no reason is given");
    }
}
