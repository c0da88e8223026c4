package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeComparison;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.TableShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what the copied rows look like, and leaves it in the ledger: the stream goes on from there, and tells what changes. At a
 * newer anchor only what is other than the ledger has it is told.
 */
final class ShapeAnnouncement {

    private static final Logger LOG = LoggerFactory.getLogger(ShapeAnnouncement.class);

    private final String server;
    private final Ledger ledger;
    private final ControlRecords control;
    private final LongFunction<PgType> types;

    ShapeAnnouncement(String server, Ledger ledger, ControlRecords control, LongFunction<PgType> types) {
        this.server = server;
        this.ledger = ledger;
        this.control = control;
        this.types = types;
    }

    /**
     * The records that tell it.
     *
     * @param topics the topic of a table
     */
    List<SourceRecord> records(Anchor anchor, CopyPlan plan, Function<TableId, String> topics) {
        List<PlannedTable> tables = plan.tables();
        Map<Long, ShapeHistory> known =
                ledger.shapes(tables.stream().map(PlannedTable::oid).toList());
        List<SourceRecord> records = new ArrayList<>();
        for (PlannedTable table : tables) {
            ShapeHistory history = known.getOrDefault(table.oid(), ShapeHistory.EMPTY);
            Version last = history.last();
            TableShape shape = table.shape(types);
            List<ShapeChange> changes = ShapeComparison.compare(last == null ? null : last.shape(), shape, null);
            if (changes.isEmpty()) {
                continue;
            }
            if (last != null) {
                LOG.info(
                        "Table {} at {}: {}",
                        table.id(),
                        anchor,
                        changes.stream().map(ShapeChange::toString).collect(Collectors.joining("; ")));
            }
            // Nothing before the anchor is read again. Copied rows say themselves that they are copied.
            ShapeHistory next = history.with(new Version(anchor.lsn(), 0, true, shape), anchor.lsn());
            records.add(control.schema(
                    shape,
                    topics.apply(table.id()),
                    table.recordKey(),
                    anchor.lsn(),
                    0,
                    changes,
                    ShapeHistory.sourcePartition(server, table.oid()),
                    next.toSourceOffset()));
        }
        return records;
    }
}
