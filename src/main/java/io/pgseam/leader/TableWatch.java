package io.pgseam.leader;

import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelection;
import io.pgseam.capture.TableSelector;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.phase.PlanState;
import io.pgseam.snapshot.CopyPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's selection of tables, from look to look. Says in the log which tables are set aside, once each, and when they are not
 * any longer.
 *
 * <p>A table that appears while the connector runs is not captured before it has stood for {@code table.check.interval.ms}: a
 * staging table that comes and goes costs the other tables nothing. May be used by several threads.
 */
final class TableWatch {

    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);

    /** Of more tables, the log has one line for each reason. */
    private static final int MOST_LINES = 100;

    private static final long LONG_AGO = Long.MIN_VALUE;

    private final PgSeamSettings settings;
    private final Ledger ledger;
    private final TableSelector selector;
    private final LeaderMetrics metrics;
    private final Map<Long, Long> firstSeen = new HashMap<>();
    private final Map<Long, SetAside> refused = new HashMap<>();
    private long lastRefusal;
    private Map<Long, SetAside> told = new HashMap<>();
    private boolean first = true;

    TableWatch(PgSeamSettings settings, Ledger ledger, LeaderMetrics metrics) {
        this.metrics = metrics;
        this.settings = settings;
        this.ledger = ledger;
        this.selector = new TableSelector(settings);
    }

    /**
     * Looks at the source.
     *
     * @param covered the plan whose tables are covered
     * @throws SQLException if the catalogue cannot be read
     */
    TableSelection select(Connection session, CopyPlan covered) throws SQLException {
        return select(session, covered, Set.of());
    }

    /**
     * Selects as above, if rows of the plan are still to be copied.
     *
     * @param unread OIDs of those relations of the plan of which rows are still to be copied
     */
    synchronized TableSelection select(Connection session, CopyPlan covered, Set<Long> unread) throws SQLException {
        TableSelection selection = withRefused(selector.select(session, covered, unread));
        List<Long> tooYoung = tooYoung(selection);
        tell(selection);
        metrics.tables(
                selection.captured().size() - tooYoung.size(),
                selection.setAside().size());
        return selection.without(tooYoung);
    }

    /** From now on a table is set aside, because the server does not let the publication have it. */
    synchronized void refuse(Relation table, String reason) {
        refused.put(table.oid(), SetAside.refused(table, settings.capture(), reason));
        lastRefusal = System.nanoTime();
    }

    private TableSelection withRefused(TableSelection selection) {
        if (System.nanoTime() - lastRefusal > SetAside.RETRY_REFUSED.toNanos()) {
            refused.clear();
        }
        refused.keySet().retainAll(selection.uncovered());
        return selection.settingAside(refused.values());
    }

    /** With other settings than before, and at the very first start, there is nothing to wait for. */
    private List<Long> tooYoung(TableSelection selection) {
        long now = System.nanoTime();
        int interval = settings.snapshot().tableCheckIntervalMs();
        boolean askedFor = first && (interval == 0 || isNewScope());
        first = false;
        Set<Long> present = new HashSet<>(selection.uncovered());
        selection.setAside().forEach(table -> present.add(table.oid()));
        firstSeen.keySet().retainAll(present);
        present.forEach(table -> firstSeen.putIfAbsent(table, askedFor ? LONG_AGO : now));
        List<Long> tooYoung = new ArrayList<>();
        for (long table : selection.uncovered()) {
            long seen = Objects.requireNonNull(firstSeen.get(table));
            // Looks are an interval apart, more or less: this one is not the first that sees the table.
            if (seen != LONG_AGO && now - seen <= TimeUnit.MILLISECONDS.toNanos(interval) / 2) {
                tooYoung.add(table);
            }
        }
        return tooYoung;
    }

    private boolean isNewScope() {
        PlanState plan = ledger.plan();
        return plan == null || !plan.scope().equals(settings.scope());
    }

    private void tell(TableSelection selection) {
        Map<Long, SetAside> now = new HashMap<>();
        selection.setAside().forEach(table -> now.put(table.oid(), table));
        List<SetAside> news = now.values().stream()
                .filter(table -> !isTold(table))
                .sorted(Comparator.comparing(SetAside::table))
                .toList();
        if (news.size() <= MOST_LINES) {
            news.forEach(table -> LOG.warn("{}", table.describe()));
        } else {
            LOG.warn(
                    "{} tables are set aside, the first: {}. The {} records on topic {} name them all",
                    news.size(),
                    news.get(0).describe(),
                    "set_aside",
                    settings.topics().controlTopic());
        }
        told.forEach((oid, table) -> {
            if (!now.containsKey(oid) && selection.captures(oid)) {
                TableId name = table.table();
                LOG.info("Table {} can be captured now, and is not set aside any longer", name.quoted());
            }
        });
        told = now;
    }

    private boolean isTold(SetAside table) {
        SetAside before = told.get(table.oid());
        return before != null
                && before.reason() == table.reason()
                && before.detail().equals(table.detail());
    }
}
