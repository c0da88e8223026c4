package io.pgseam.tool.verify;

import java.util.Arrays;

/**
 * What a consumer has that applies one bucket of a topic's rows by key: for each key the last row. A hash table of primitive numbers: 50
 * bytes or so for a key.
 */
final class ReplayedRows {

    static final int DELETED = 1;
    static final int LACKS_COLUMNS = 1 << 1;
    static final int TWO_PARTITIONS = 1 << 2;
    private static final int SEEN = 1 << 3;
    private static final int USED = 1 << 4;

    private static final int FIRST_SIZE = 1 << 10;

    private long[] names = new long[FIRST_SIZE];
    private long[] secondNames = new long[FIRST_SIZE];
    private long[] values = new long[FIRST_SIZE];
    private long[] offsets = new long[FIRST_SIZE];
    private int[] partitions = new int[FIRST_SIZE];
    private byte[] flags = new byte[FIRST_SIZE];
    private int size;

    void clear() {
        Arrays.fill(flags, (byte) 0);
        size = 0;
    }

    /** Applies a row that comes after those before it in its partition. */
    void apply(long name, long secondName, long value, int partition, long offset, int flagsOfRow) {
        int at = place(name, secondName);
        int two = (flags[at] & USED) != 0 && partitions[at] != partition ? TWO_PARTITIONS : flags[at] & TWO_PARTITIONS;
        set(at, name, secondName, value);
        offsets[at] = offset;
        partitions[at] = partition;
        flags[at] = (byte) (USED | two | flagsOfRow);
    }

    /** Counts a row that has no key: how many equal ones there are. */
    void count(long name, long secondName, int more, int partition, long offset) {
        int at = place(name, secondName);
        long count = (flags[at] & USED) == 0 ? 0 : values[at];
        set(at, name, secondName, count + more);
        offsets[at] = offset;
        partitions[at] = partition;
        flags[at] |= USED;
    }

    private void set(int at, long name, long secondName, long value) {
        if ((flags[at] & USED) == 0) {
            size++;
        }
        names[at] = name;
        secondNames[at] = secondName;
        values[at] = value;
    }

    /** The place of a row, which may be empty. */
    private int place(long name, long secondName) {
        if (size * 2 > names.length) {
            grow();
        }
        return find(name, secondName);
    }

    /** The place of a row; empty if there is none. */
    int find(long name, long secondName) {
        int mask = names.length - 1;
        int at = (int) (secondName ^ secondName >>> 32) & mask;
        while ((flags[at] & USED) != 0 && (names[at] != name || secondNames[at] != secondName)) {
            at = at + 1 & mask;
        }
        return at;
    }

    private void grow() {
        long[] oldNames = names;
        long[] oldSecondNames = secondNames;
        long[] oldValues = values;
        long[] oldOffsets = offsets;
        int[] oldPartitions = partitions;
        byte[] oldFlags = flags;
        int length = 2 * oldNames.length;
        names = new long[length];
        secondNames = new long[length];
        values = new long[length];
        offsets = new long[length];
        partitions = new int[length];
        flags = new byte[length];
        for (int i = 0; i < oldNames.length; i++) {
            if ((oldFlags[i] & USED) != 0) {
                int at = find(oldNames[i], oldSecondNames[i]);
                names[at] = oldNames[i];
                secondNames[at] = oldSecondNames[i];
                values[at] = oldValues[i];
                offsets[at] = oldOffsets[i];
                partitions[at] = oldPartitions[i];
                flags[at] = oldFlags[i];
            }
        }
    }

    /** How many places there are, used or not. */
    int places() {
        return names.length;
    }

    boolean isThere(int at) {
        return (flags[at] & USED) != 0 && (flags[at] & DELETED) == 0;
    }

    boolean has(int at, int flag) {
        return (flags[at] & flag) != 0;
    }

    boolean isSeen(int at) {
        return has(at, SEEN);
    }

    void see(int at) {
        flags[at] |= SEEN;
    }

    long value(int at) {
        return values[at];
    }

    /** One of the equal rows is accounted for. */
    void takeOne(int at) {
        values[at]--;
    }

    int partition(int at) {
        return partitions[at];
    }

    long offset(int at) {
        return offsets[at];
    }
}
