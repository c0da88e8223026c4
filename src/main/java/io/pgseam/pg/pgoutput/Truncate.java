package io.pgseam.pg.pgoutput;

import java.util.Arrays;

/** Tables were emptied, all in one statement. */
public final class Truncate implements Message {

    static final byte TYPE = 'T';

    private static final int CASCADE_FLAG = 1;
    private static final int RESTART_IDENTITY_FLAG = 2;

    private final long[] relationOids;
    private final boolean cascade;
    private final boolean restartIdentity;

    private Truncate(long[] relationOids, boolean cascade, boolean restartIdentity) {
        this.relationOids = relationOids;
        this.cascade = cascade;
        this.restartIdentity = restartIdentity;
    }

    static Truncate decode(MessageCursor cursor) {
        int count = cursor.readInt("the number of relations");
        if (count < 1) {
            throw cursor.malformedBefore(Integer.BYTES, "no relation to truncate");
        }
        int flags = cursor.readFlags(CASCADE_FLAG | RESTART_IDENTITY_FLAG, "the flags of a truncate");
        cursor.requireRoomFor(count, Integer.BYTES, "relations");
        long[] relationOids = new long[count];
        for (int relation = 0; relation < count; relation++) {
            relationOids[relation] = cursor.readUnsignedInt("a relation's OID");
        }
        return new Truncate(relationOids, (flags & CASCADE_FLAG) != 0, (flags & RESTART_IDENTITY_FLAG) != 0);
    }

    /** The published tables among those that were emptied, as their {@link Relation}s named them. A copy. */
    public long[] relationOids() {
        return relationOids.clone();
    }

    /** Whether CASCADE was said. Published tables that it reached are in {@link #relationOids} too. */
    public boolean cascade() {
        return cascade;
    }

    /** Whether RESTART IDENTITY was said. */
    public boolean restartIdentity() {
        return restartIdentity;
    }

    @Override
    public String toString() {
        return "Truncate[relationOids=" + Arrays.toString(relationOids) + ", cascade=" + cascade + ", restartIdentity="
                + restartIdentity + "]";
    }
}
