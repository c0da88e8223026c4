package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.control.RelationSize;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.ShareState;
import io.pgseam.task.ConnectorVersion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records by which the ledger learns that a copy has begun, where its snapshot can be imported, and whether the plan
 * still fits.
 */
final class ShareAnnouncer {

    private final String server;
    private final CopyAssignment assignment;
    private final PlanState planState;
    private final ControlRecords control;
    private final CopyRecords copyRecords;
    private final Ledger ledger;
    private final Sessions sessions;
    private final Function<TableId, String> topics;
    private final Map<String, Object> partition;

    /** The id of our exported snapshot that was announced last; a new session exports under a new one. */
    private @Nullable String announced;

    /** @param topics the topic of a table */
    ShareAnnouncer(
            String server,
            CopyAssignment assignment,
            PlanState planState,
            ControlRecords control,
            Ledger ledger,
            Sessions sessions,
            Function<TableId, String> topics) {
        this.server = server;
        this.assignment = assignment;
        this.planState = planState;
        this.control = control;
        this.copyRecords = new CopyRecords(control);
        this.ledger = ledger;
        this.sessions = sessions;
        this.topics = topics;
        this.partition = ShareState.sourcePartition(server, assignment.task());
    }

    /**
     * What is to be announced of a session; empty if that was announced before.
     *
     * @param exported the id under which the session exports the snapshot
     * @param postgresVersion the server's version, as it says it
     * @throws SQLException if the source does not say more of a table that was altered
     */
    List<SourceRecord> announce(String exported, String postgresVersion, PlannedTypes types) throws SQLException {
        if (exported.equals(announced)) {
            return List.of();
        }
        Anchor anchor = assignment.anchor();
        Map<String, Object> offset = state(exported, null).toSourceOffset();
        List<SourceRecord> records = new ArrayList<>();
        if (announced == null && assignment.task() == 0) {
            List<SourceRecord> shapes = new ShapeAnnouncement(server, ledger, control, types::type, sessions)
                    .records(anchor, assignment.plan(), topics);
            records.add(copyRecords.anchor(
                    anchor,
                    assignment.tasks(),
                    ConnectorVersion.get(),
                    postgresVersion,
                    PlanState.sourcePartition(server),
                    planState.toSourceOffset()));
            assignment.plan().relations().forEach(relation -> records.add(table(relation, offset)));
            records.addAll(shapes);
        }
        records.add(copyRecords.share(anchor, assignment.task(), exported, partition, offset));
        announced = exported;
        return records;
    }

    private SourceRecord table(PlannedRelation relation, Map<String, Object> offset) {
        return copyRecords.table(
                assignment.anchor(),
                relation.table().id(),
                relation.relation(),
                topics.apply(relation.table().id()),
                new RelationSize(
                        relation.filenode(),
                        relation.blocks(),
                        relation.blocksPerChunk(),
                        relation.chunks(),
                        relation.bytes()),
                partition,
                offset);
    }

    /** The record that the plan does not fit. */
    SourceRecord misfit(MisfitException misfit) {
        String reason = String.valueOf(misfit.getMessage());
        String exported = announced == null ? assignment.snapshot().id() : announced;
        return copyRecords.misfit(
                assignment.anchor(),
                misfit.relation(),
                reason,
                partition,
                state(exported, reason).toSourceOffset());
    }

    private ShareState state(String exported, @Nullable String misfit) {
        Anchor anchor = assignment.anchor();
        return new ShareState(anchor.generation(), anchor.lsn(), exported, misfit);
    }
}
