package io.pgseam.stream;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/** Tables that are likely to be asked for soon, by OID: those that were made one after the other are likely to change together. */
final class Neighbours {

    /** How many tables are looked up at once, at most: no statement is large, however many tables there are. */
    static final int MOST = 1_000;

    private final TreeSet<Long> likely;

    /** @param likely OIDs of tables */
    Neighbours(Collection<Long> likely) {
        this.likely = new TreeSet<>(likely);
    }

    /**
     * A table and those that come next, in a circle.
     *
     * @param count how many at most, from 1
     * @param wanted which of the others are of use
     */
    List<Long> of(long oid, int count, LongPredicate wanted) {
        List<Long> oids = new ArrayList<>();
        oids.add(oid);
        add(oids, likely.tailSet(oid, false).iterator(), count, wanted);
        add(oids, likely.headSet(oid, false).iterator(), count, wanted);
        return oids;
    }

    private static void add(List<Long> oids, Iterator<Long> others, int count, LongPredicate wanted) {
        while (oids.size() < count && others.hasNext()) {
            long other = others.next();
            if (wanted.test(other)) {
                oids.add(other);
            }
        }
    }
}
