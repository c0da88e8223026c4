package io.pgseam.tool.verify;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A set of hashes on disk: 8 bytes for each, in files by their upper bits, so that each file fits into memory. For rows of which some came
 * twice.
 */
final class HashSpill implements AutoCloseable {

    private static final int BITS = 7;
    private static final int BUFFER_BYTES = 16 << 10;

    private final Path[] files = new Path[1 << BITS];
    private final DataOutputStream[] streams = new DataOutputStream[1 << BITS];

    /** @param directory where the files are made */
    HashSpill(Path directory) {
        try {
            for (int i = 0; i < files.length; i++) {
                files[i] = Files.createTempFile(directory, "pgseam-verify-", ".hashes");
                OutputStream file = Files.newOutputStream(files[i]);
                streams[i] = new DataOutputStream(new BufferedOutputStream(file, BUFFER_BYTES));
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static CommandFailure failure(IOException e) {
        return new CommandFailure("cannot write to the directory of --work-dir: " + e.getMessage(), e);
    }

    void add(long hash) {
        try {
            streams[(int) (hash >>> (Long.SIZE - BITS))].writeLong(hash);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Rows and hashes, each hash once. */
    RowSum distinct() {
        RowSum sum = RowSum.NONE;
        try {
            for (int i = 0; i < files.length; i++) {
                streams[i].close();
                sum = sum.plus(distinct(ByteBuffer.wrap(Files.readAllBytes(files[i]))));
            }
        } catch (IOException e) {
            throw failure(e);
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
        for (int i = 0; i < files.length; i++) {
            try {
                if (streams[i] != null) {
                    streams[i].close();
                }
                if (files[i] != null) {
                    Files.deleteIfExists(files[i]);
                }
            } catch (IOException e) {
                // A file in a directory for such files is all that is left.
            }
        }
    }
}
