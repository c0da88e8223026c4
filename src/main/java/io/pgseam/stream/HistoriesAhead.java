package io.pgseam.stream;

import io.pgseam.phase.ShapeHistory;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The committed shapes of tables, which are asked for some at a time: each question to the ledger waits for the end of Connect's offsets topic.
 * No other thread writes them while the thread that reads the slot is at work.
 */
final class HistoriesAhead implements LongFunction<ShapeHistory> {

    private final Function<Collection<Long>, Map<Long, ShapeHistory>> ledger;
    private final Neighbours neighbours;
    private final Map<Long, ShapeHistory> ahead = new HashMap<>();

    /**
     * @param likely OIDs of the tables of which changes are likely to come
     * @param ledger gives what is committed of tables; those of which nothing is are left out
     */
    HistoriesAhead(Collection<Long> likely, Function<Collection<Long>, Map<Long, ShapeHistory>> ledger) {
        this.neighbours = new Neighbours(likely);
        this.ledger = ledger;
    }

    /** The shapes of a table, which is asked for once; empty if none is known. */
    @Override
    public ShapeHistory apply(long oid) {
        ShapeHistory known = ahead.remove(oid);
        if (known == null) {
            ahead.putAll(ledger.apply(neighbours.of(oid, Neighbours.MOST, other -> !ahead.containsKey(other))));
            known = ahead.remove(oid);
        }
        return known == null ? ShapeHistory.EMPTY : known;
    }
}
