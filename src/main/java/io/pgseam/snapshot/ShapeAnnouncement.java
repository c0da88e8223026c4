package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PresentCatalog;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeComparison;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what the copied rows look like, and leaves it in the ledger: the stream continues from there, and tells what changes. At a
 * newer anchor only what is other than the ledger has it is told.
 */
final class ShapeAnnouncement {

    private static final Logger LOG = LoggerFactory.getLogger(ShapeAnnouncement.class);

    private final String server;
    private final Ledger ledger;
    private final ControlRecords control;
    private final LongFunction<PgType> types;
    private final Sessions sessions;

    ShapeAnnouncement(
            String server, Ledger ledger, ControlRecords control, LongFunction<PgType> types, Sessions sessions) {
        this.sessions = sessions;
        this.server = server;
        this.ledger = ledger;
        this.control = control;
        this.types = types;
    }

    /**
     * The records that tell it.
     *
     * @param topics the topic of a table
     * @throws SQLException where the source does not tell more of a table that was altered
     */
    List<SourceRecord> records(Anchor anchor, CopyPlan plan, Function<TableId, String> topics) throws SQLException {
        List<PlannedTable> tables = plan.tables();
        Map<Long, ShapeHistory> known =
                ledger.shapes(tables.stream().map(PlannedTable::oid).toList());
        List<SourceRecord> records = new ArrayList<>();
        for (PlannedTable table : tables) {
            ShapeHistory history = known.getOrDefault(table.oid(), ShapeHistory.EMPTY);
            Version last = history.last();
            TableShape shape = table.shape(types);
            List<ShapeChange> changes = changes(last == null ? null : last.shape(), shape, table.oid());
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
            ShapeHistory next = history.with(new Version(ChangeId.startOf(anchor.lsn()), 0, true, shape), anchor.lsn());
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

    /** What was altered since an earlier anchor, with what the catalogue has to say of it: the default of an added column. */
    private List<ShapeChange> changes(@Nullable TableShape before, TableShape now, long table) throws SQLException {
        List<ShapeChange> changes = ShapeComparison.compare(before, now, null);
        if (before == null || changes.isEmpty()) {
            return changes;
        }
        try (PgConnection session = sessions.open("catalog")) {
            return ShapeComparison.compare(
                    before, now, new PresentCatalog(session).table(table).orElse(null));
        }
    }
}
