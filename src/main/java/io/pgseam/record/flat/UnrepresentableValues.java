package io.pgseam.record.flat;

import io.pgseam.pg.TableId;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the values that could not be represented, and logs them at most once a minute per column, so that none of them is
 * lost silently (invariant I10). Values themselves are never logged. Safe for many threads.
 */
public final class UnrepresentableValues {

    private static final Logger LOG = LoggerFactory.getLogger(UnrepresentableValues.class);
    private static final long LOG_INTERVAL_MS = 60_000;

    private final Clock clock;
    private final Map<ColumnName, Tally> tallies = new ConcurrentHashMap<>();

    private record ColumnName(TableId table, String column) {}

    public UnrepresentableValues(Clock clock) {
        this.clock = clock;
    }

    /** The tally of one column; the same one for the same column. */
    Tally tally(TableId table, String column, UnrepresentablePolicy policy) {
        return tallies.computeIfAbsent(new ColumnName(table, column), name -> new Tally(name, policy, clock));
    }

    /** How many values of the column could not be represented so far. */
    public long count(TableId table, String column) {
        Tally tally = tallies.get(new ColumnName(table, column));
        return tally == null ? 0 : tally.count();
    }

    /** How many values of all columns could not be represented so far. */
    public long total() {
        return tallies.values().stream().mapToLong(Tally::count).sum();
    }

    /** The count of one column. */
    static final class Tally {

        private final ColumnName name;
        private final UnrepresentablePolicy policy;
        private final Clock clock;
        private long count;
        private long lastLogMs = Long.MIN_VALUE;

        private Tally(ColumnName name, UnrepresentablePolicy policy, Clock clock) {
            this.name = name;
            this.policy = policy;
            this.clock = clock;
        }

        /**
         * Adds one value.
         *
         * @return whether it was logged
         */
        synchronized boolean add() {
            count++;
            long now = clock.millis();
            if (lastLogMs != Long.MIN_VALUE && now - lastLogMs < LOG_INTERVAL_MS) {
                return false;
            }
            lastLogMs = now;
            LOG.warn(
                    "Table {}, column {}: {} values so far that the target cannot hold ({}); the policy for them"
                            + " (flat.unrepresentable) is {}",
                    name.table(),
                    name.column(),
                    count,
                    UnrepresentablePolicy.VALUES,
                    policy);
            return true;
        }

        synchronized long count() {
            return count;
        }
    }
}
