package io.pgseam.tool.verify;

import io.pgseam.tool.verify.Difference.Kind;
import java.io.DataInputStream;
import java.io.IOException;

/** Compares the hashes of both ends, file by file, and writes these files. */
final class BucketComparison {

    /** The target's row is newer than the snapshot. */
    static final int MOVED = 1 << 6;

    private final ComparedTable table;
    private final TargetComparison comparison;
    private final ReplayedRows rows = new ReplayedRows();
    private int number;

    BucketComparison(ComparedTable table, TargetComparison comparison) {
        this.table = table;
        this.comparison = comparison;
    }

    /** Writes a row of one end. */
    static void write(ComparedTable table, ComparedRow row, int flags, Buckets to) {
        to.write(row.name(), stream -> {
            stream.writeLong(row.name());
            stream.writeLong(row.secondName());
            stream.writeLong(row.valuesHash());
            stream.writeByte(flags);
            if (table.keyed()) {
                row.writeKey(stream);
            }
        });
    }

    void compare(Buckets ofSource, Buckets ofTarget) {
        for (int bucket = 0; bucket < ofSource.count(); bucket++) {
            rows.clear();
            ofTarget.read(bucket, this::take);
            ofSource.read(bucket, this::compareRow);
            if (!table.keyed()) {
                compareCounts();
            } else if (hasRest()) {
                ofTarget.read(bucket, this::compareRest);
            }
        }
    }

    private void take(DataInputStream stream) throws IOException {
        long name = stream.readLong();
        long secondName = stream.readLong();
        long values = stream.readLong();
        int flags = stream.readUnsignedByte();
        if (table.keyed()) {
            RowKey.skip(stream, table.keys().size());
            // Two rows of one key count as two partitions do.
            rows.apply(name, secondName, values, number++, 0, flags);
        } else if ((flags & (MOVED | ReplayedRows.DELETED)) == 0) {
            rows.count(name, secondName, 1, 0, 0);
        }
    }

    private void compareRow(DataInputStream stream) throws IOException {
        int at = rows.find(stream.readLong(), stream.readLong());
        long values = stream.readLong();
        stream.readUnsignedByte();
        if (!table.keyed()) {
            if (rows.isThere(at) && rows.value(at) > 0) {
                rows.takeOne(at);
            } else {
                comparison.keyless(Kind.MISSING, 1);
            }
            return;
        }
        boolean equal = rows.isThere(at)
                && !rows.has(at, MOVED)
                && !rows.has(at, ReplayedRows.TWO_PARTITIONS)
                && rows.value(at) == values;
        if (rows.isThere(at)) {
            rows.see(at);
        }
        if (equal) {
            RowKey.skip(stream, table.keys().size());
        } else {
            comparison.suspect(RowKey.read(stream, table.keys().size()));
        }
    }

    private boolean isRest(int at) {
        return rows.isThere(at) && !rows.isSeen(at) && !rows.has(at, MOVED);
    }

    private boolean hasRest() {
        for (int at = 0; at < rows.places(); at++) {
            if (isRest(at)) {
                return true;
            }
        }
        return false;
    }

    private void compareRest(DataInputStream stream) throws IOException {
        int at = rows.find(stream.readLong(), stream.readLong());
        stream.readLong();
        stream.readUnsignedByte();
        RowKey key = RowKey.read(stream, table.keys().size());
        if (isRest(at)) {
            rows.see(at);
            comparison.suspect(key);
        }
    }

    private void compareCounts() {
        for (int at = 0; at < rows.places(); at++) {
            if (rows.isThere(at) && rows.value(at) > 0) {
                comparison.keyless(Kind.EXTRA, rows.value(at));
            }
        }
    }
}
