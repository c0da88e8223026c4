package io.pgseam.pg.catalog;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Some tables as the catalogue shows them, and the transactions whose changes of them it shows. */
public final class PresentTables {

    private final Map<Long, PresentTable> byOid;
    private final long nextXid;
    private final Set<Long> running;

    private PresentTables(Map<Long, PresentTable> byOid, long nextXid, Set<Long> running) {
        this.byOid = Map.copyOf(byOid);
        this.nextXid = nextXid;
        this.running = running;
    }

    /**
     * Tables of one look.
     *
     * @param snapshot {@code pg_current_snapshot()} as text, taken no later than the tables were looked at
     * @param byOid the tables by their OIDs
     */
    public static PresentTables of(String snapshot, Map<Long, PresentTable> byOid) {
        String[] parts = snapshot.split(":", -1);
        Set<Long> running = new HashSet<>();
        Arrays.stream(parts[2].split(",")).filter(xid -> !xid.isEmpty()).forEach(xid -> running.add(low(xid)));
        return new PresentTables(byOid, low(parts[1]), running);
    }

    /** The 32 bits of a transaction's id that the stream tells. */
    private static long low(String xid) {
        return Long.parseUnsignedLong(xid) & 0xFFFF_FFFFL;
    }

    /** The tables by their OIDs; those that are gone are left out. */
    public Map<Long, PresentTable> byOid() {
        return byOid;
    }

    /**
     * Whether the look shows what a transaction did that has committed by now.
     *
     * @param xid its id as the stream tells it, 32 bits that wrap around
     */
    public boolean shows(long xid) {
        return (int) (xid - nextXid) < 0 && !running.contains(xid & 0xFFFF_FFFFL);
    }
}
