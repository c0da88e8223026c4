package io.pgseam.metrics;

import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.Map;

/**
 * A counter for each table, up to a limit: what a monitoring system stores grows with the number of series. All other tables share one, so
 * that the sum is right. Used by one thread.
 */
public final class TableCounters {

    /** No table is called so: a table's name has a dot. */
    static final String OTHERS = "others";

    private final MetricRegistry registry;
    private final Metric metric;
    private final int most;
    private final Map<TableId, Counter> counters = new HashMap<>();
    private final Counter others = new Counter();
    private boolean othersShown;

    /**
     * @param metric one with a tag for the table
     * @param most how many tables get a counter of their own; if 0, nothing is shown
     */
    public TableCounters(MetricRegistry registry, Metric metric, int most) {
        this.registry = registry;
        this.metric = metric;
        this.most = most;
    }

    /** The counter of a table; the same one for the same table. */
    public Counter of(TableId table) {
        Counter known = counters.get(table);
        if (known != null) {
            return known;
        }
        if (counters.size() >= most) {
            if (most > 0 && !othersShown) {
                othersShown = true;
                show(OTHERS, others);
            }
            return others;
        }
        Counter counter = new Counter();
        counters.put(table, counter);
        show(table.toString(), counter);
        return counter;
    }

    private void show(String table, Counter counter) {
        registry.register(metric, Map.of(Metric.Tag.TABLE, table), counter::get);
    }
}
