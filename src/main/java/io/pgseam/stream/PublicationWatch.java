package io.pgseam.stream;

import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the tables of the plan are published as they were at its anchor (invariant I16). What was not published is not in the
 * slot, so there is nothing to stop: the leader has the tables copied again. This says so at once, whenever the leader looks.
 */
final class PublicationWatch {

    private static final Logger LOG = LoggerFactory.getLogger(PublicationWatch.class);
    private static final int MOST_NAMES = 10;

    private final SourceCatalog catalog;
    private final String publication;
    private final CopyPlan plan;
    private final boolean copies;
    private final long everyNanos;
    private List<TableId> told = List.of();
    private long lastLook;

    /**
     * @param publication name of the publication
     * @param plan what was copied at the newest anchor, and streamed ever since
     * @param everyNanos the time between two looks, in ns
     */
    PublicationWatch(SourceCatalog catalog, String publication, CopyPlan plan, long everyNanos) {
        this.catalog = catalog;
        this.publication = publication;
        this.plan = plan;
        this.copies = plan.chunks() > 0;
        this.everyNanos = everyNanos;
        this.lastLook = System.nanoTime() - everyNanos;
    }

    /** Logs what has changed, if it is time for a look. There is no record: the newer plan has one for each table. */
    List<SourceRecord> look() throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook < everyNanos) {
            return List.of();
        }
        lastLook = now;
        List<TableId> changed = changed(catalog);
        if (!changed.isEmpty() && !changed.equals(told)) {
            LOG.warn(
                    "Publication \"{}\" was dropped or changed, or tables were not in it for a while. Changes may be missing of: {}. {}",
                    publication,
                    names(changed),
                    copies
                            ? "They are copied again at a newer anchor, within table.check.interval.ms (if that is 0: when the"
                                    + " connector is restarted)"
                            : "Nothing is copied (snapshot.mode=no_data)");
        }
        told = changed;
        return List.of();
    }

    /**
     * The tables that are published otherwise than at the anchor.
     *
     * @param asked the catalogue, through a session of the calling thread
     * @throws SQLException if the source does not answer
     */
    List<TableId> changed(SourceCatalog asked) throws SQLException {
        if (plan.relations().isEmpty()) {
            return List.of();
        }
        PublicationVersions versions = asked.published(publication);
        Map<Long, TableId> changed = new LinkedHashMap<>();
        for (PlannedRelation relation : plan.relations()) {
            PlannedTable table = relation.table();
            if (versions.isEmpty() || !table.isPublishedBy(versions.of(table.oid(), table.member()))) {
                changed.put(table.oid(), table.id());
            } else if (!relation.isAt(versions.placeOf(relation.oid(), table.member()))) {
                changed.put(relation.oid(), relation.relation());
            }
        }
        if (!changed.isEmpty()) {
            // What is dropped leaves the publication, too.
            changed.keySet().removeAll(asked.gone(changed.keySet()).oids());
        }
        return List.copyOf(changed.values());
    }

    /** The first of these names, and how many more there are. */
    static String names(List<TableId> tables) {
        return tables.stream().limit(MOST_NAMES).map(TableId::toString).collect(Collectors.joining(", "))
                + (tables.size() > MOST_NAMES ? " and " + (tables.size() - MOST_NAMES) + " more" : "");
    }
}
