package io.pgseam.tool.verify;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A set of hashes on disk: 8 bytes for each, in {@link Buckets}. For rows of which some came twice.
 */
final class HashSpill implements AutoCloseable {

    private static final int BITS = 7;

    private final Buckets hashes;

    /** @param directory where the files are made */
    HashSpill(Path directory) {
        hashes = new Buckets(directory, BITS);
    }

    void add(long hash) {
        hashes.write(hash, file -> file.writeLong(hash));
    }

    /** Rows and hashes, each hash once. */
    RowSum distinct() {
        hashes.finish();
        RowSum sum = RowSum.NONE;
        for (int bucket = 0; bucket < hashes.count(); bucket++) {
            sum = sum.plus(distinct(ByteBuffer.wrap(hashes.bytes(bucket))));
        }
        return sum;
    }

    private static RowSum distinct(ByteBuffer bytes) {
        long[] hashes = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(hashes);
        Arrays.sort(hashes);
        RowSum sum = RowSum.NONE;
        for (int i = 0; i < hashes.length; i++) {
            if (i == 0 || hashes[i] != hashes[i - 1]) {
                sum = sum.plus(hashes[i]);
            }
        }
        return sum;
    }

    @Override
    public void close() {
        hashes.close();
    }
}
