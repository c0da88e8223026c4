package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.RenamedState;
import io.pgseam.phase.RepublishedState;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports how a newer plan treats the tables of the plan before: nothing that happens to a topic there is silent (invariants I10 and
 * I16).
 */
final class PlanChanges {

    private static final Logger LOG = LoggerFactory.getLogger(PlanChanges.class);

    private final String server;
    private final SourceCatalog catalog;
    private final ControlRecords control;
    private final Function<TableId, String> topics;
    private final Anchor anchor;
    private final CopyPlan plan;

    /**
     * @param server {@code topic.prefix}
     * @param topics the topic of a table
     * @param anchor the anchor of the newer plan
     * @param plan the newer plan
     */
    PlanChanges(
            String server,
            SourceCatalog catalog,
            ControlRecords control,
            Function<TableId, String> topics,
            Anchor anchor,
            CopyPlan plan) {
        this.server = server;
        this.catalog = catalog;
        this.control = control;
        this.topics = topics;
        this.anchor = anchor;
        this.plan = plan;
    }

    /**
     * The records about these tables.
     *
     * @param earlier the plan before
     * @param since its anchor
     * @throws SQLException if the source does not answer
     */
    List<SourceRecord> since(CopyPlan earlier, Anchor since) throws SQLException {
        List<SourceRecord> records = new ArrayList<>();
        plan.publishedOtherwiseThan(earlier).forEach(table -> records.add(republished(table, since)));
        Map<TableId, Long> now = new HashMap<>();
        plan.tables().forEach(table -> now.put(table.id(), table.oid()));
        for (PlannedTable table : earlier.tables()) {
            if (!Objects.equals(now.get(table.id()), table.oid())) {
                renamed(table, now).ifPresent(records::add);
            }
        }
        return records;
    }

    private SourceRecord republished(PlannedTable table, Anchor since) {
        String topic = topics.apply(table.id());
        boolean copied = plan.relations().stream()
                .anyMatch(relation -> relation.table().equals(table) && !relation.needsNoCopy());
        LOG.warn(
                "The publication of table {} was changed after {}: changes since then may be missing in topic {}. {}",
                table.id(),
                since,
                topic,
                copied
                        ? "The table is copied again at LSN " + anchor.lsn()
                                + ". Rows that were deleted in between stay in the topic"
                                + " and in the target: delete them there, or empty the target before the copied rows of anchor "
                                + anchor.generation()
                        : "Nothing is copied (snapshot.mode=no_data): load the target again from the table, or publish every row of"
                                + " it (UPDATE … SET column = column)");
        return control.republished(
                table.id(),
                table.oid(),
                topic,
                since,
                anchor,
                copied,
                RepublishedState.sourcePartition(server, table.oid()),
                new RepublishedState(anchor.generation()).toSourceOffset());
    }

    /**
     * A table that has another name now, which another one may have taken.
     *
     * @param now OIDs of the tables of the newer plan by their names
     */
    private Optional<SourceRecord> renamed(PlannedTable table, Map<TableId, Long> now) throws SQLException {
        TableId name = catalog.table(table.oid()).map(PresentTable::id).orElse(table.id());
        if (name.equals(table.id())) {
            return Optional.empty();
        }
        boolean captured = Objects.equals(now.get(name), table.oid());
        @Nullable Long successor = now.get(table.id());
        String topic = topics.apply(table.id());
        LOG.warn(
                "Table {} (OID {}) was renamed to {} before {}{}{}. Its rows stay in topic {} and in the target: delete them there",
                table.id(),
                table.oid(),
                name,
                anchor.lsn(),
                captured ? ", is copied to topic " + topics.apply(name) : ", which is not captured",
                successor == null
                        ? ""
                        : ". The table that is named " + table.id() + " now (OID " + successor
                                + ") is another one and is copied to topic " + topic,
                topic);
        return Optional.of(control.renamed(
                table.id(),
                table.oid(),
                topic,
                name,
                captured ? topics.apply(name) : null,
                successor,
                anchor,
                RenamedState.sourcePartition(server, table.oid()),
                new RenamedState(anchor.generation()).toSourceOffset()));
    }
}
