package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Comparator;

/**
 * The name of a change. It follows from what the server sends alone, so no setting can move it (invariant I13): each reading of the
 * slot gives the same changes the same names, in the same order.
 *
 * @param commitLsn LSN of the commit of its transaction
 * @param recordLsn LSN of the WAL record that holds it; {@link Lsn#NONE} for the place before the first change of the transaction
 * @param index its number among the changes of that WAL record, from 0: rows of one COPY share a record
 */
public record ChangeId(Lsn commitLsn, Lsn recordLsn, int index) implements Comparable<ChangeId> {

    private static final Comparator<ChangeId> ORDER = Comparator.comparing(ChangeId::commitLsn)
            .thenComparing(ChangeId::recordLsn)
            .thenComparingInt(ChangeId::index);

    /** The place before the first change of the transaction that commits at this LSN. */
    public static ChangeId startOf(Lsn commitLsn) {
        return new ChangeId(commitLsn, Lsn.NONE, 0);
    }

    /** The place after the last change of the transaction that commits at this LSN. */
    public static ChangeId endOf(Lsn commitLsn) {
        return new ChangeId(commitLsn, new Lsn(-1), Integer.MAX_VALUE);
    }

    /** Whether this is the place before the first change of its transaction. */
    public boolean isStart() {
        return recordLsn.equals(Lsn.NONE);
    }

    @Override
    public int compareTo(ChangeId other) {
        return ORDER.compare(this, other);
    }

    /** The change as people may find it in the WAL. */
    @Override
    public String toString() {
        return isStart() ? commitLsn.toString() : commitLsn + " (record " + recordLsn + ", change " + index + ")";
    }
}
