package io.pgseam.stream;

/** Reads what {@code pg_current_snapshot()} says: {@code xmin:xmax:xip,…}, numbers of 64 bits with the epoch on top. */
final class SnapshotText {

    private SnapshotText() {}

    /**
     * Whether the snapshot shows a transaction that has committed.
     *
     * @param snapshot the text of a pg_snapshot
     * @param xid the transaction's number as pgoutput has it: 32 bits, unsigned. It is taken for a recent one, at most half the
     *     circle away from the snapshot
     */
    static boolean shows(String snapshot, long xid) {
        int afterXmin = snapshot.indexOf(':');
        int afterXmax = snapshot.indexOf(':', afterXmin + 1);
        if (afterXmin < 0 || afterXmax < 0) {
            throw new IllegalArgumentException("not a snapshot: " + snapshot);
        }
        long xmax = Long.parseLong(snapshot, afterXmin + 1, afterXmax, 10);
        if ((int) xid - (int) xmax >= 0) {
            return false;
        }
        int start = afterXmax + 1;
        while (start < snapshot.length()) {
            int comma = snapshot.indexOf(',', start);
            int end = comma < 0 ? snapshot.length() : comma;
            if ((int) Long.parseLong(snapshot, start, end, 10) == (int) xid) {
                return false;
            }
            start = end + 1;
        }
        return true;
    }
}
