package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.MissedState;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables whose changes are passed over, because no record could be made of one of them: what is wrong with one table does not stop the
 * others (invariant I14). The ledger has it, so that nothing is sent of them, whatever becomes of them, until the leader has had them copied
 * again (invariant I10).
 */
final class MissedTables {

    private static final Logger LOG = LoggerFactory.getLogger(MissedTables.class);

    private final String server;
    private final int generation;
    private final ControlRecords control;
    private final Function<Collection<Long>, Map<Long, Integer>> ledger;
    private final Set<Long> known = new HashSet<>();
    private final Set<Long> missed = new HashSet<>();

    /**
     * @param server {@code topic.prefix}
     * @param generation the newest anchor whose copy lacks what is passed over from here on
     * @param plan the plan that is streamed
     * @param ledger gives, of OIDs of tables, those of which changes were not sent, each with the newest anchor then;
     *     {@link Ledger#missed}
     */
    MissedTables(
            String server,
            int generation,
            CopyPlan plan,
            Function<Collection<Long>, Map<Long, Integer>> ledger,
            ControlRecords control) {
        this.server = server;
        this.generation = generation;
        this.control = control;
        this.ledger = ledger;
        for (PlannedRelation relation : plan.withMissed(ledger).relations()) {
            for (long oid : new long[] {relation.oid(), relation.table().oid()}) {
                known.add(oid);
                if (relation.table().isMissingChanges()) {
                    missed.add(oid);
                }
            }
        }
    }

    /** Whether changes of a table are passed over. Of one that the plan does not have, such as a partition that was made since, the ledger knows. */
    boolean has(long oid) {
        if (known.add(oid) && !ledger.apply(List.of(oid)).isEmpty()) {
            missed.add(oid);
        }
        return missed.contains(oid);
    }

    /**
     * From here on, changes of a table are passed over.
     *
     * @param topic its topic
     * @param lsn commit LSN of the first change that is not sent
     * @param reason why no record can be made of it
     * @return says so; has to be sent before any later change
     */
    SourceRecord miss(long oid, TableId table, String topic, Lsn lsn, String reason) {
        missed.add(oid);
        LOG.warn(
                "Changes of table {} are not sent from LSN {} on, and all others are: {}. The table is copied again as soon as it can be"
                        + " captured (table.check.interval.ms; if that is 0: when the connector is restarted)",
                table,
                lsn,
                reason);
        return control.missed(
                table,
                oid,
                topic,
                lsn,
                reason,
                MissedState.sourcePartition(server, oid),
                new MissedState(generation).toSourceOffset());
    }
}
