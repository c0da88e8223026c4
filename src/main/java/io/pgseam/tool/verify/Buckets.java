package io.pgseam.tool.verify;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Entries on disk, in files by the upper bits of what names their rows: two sets of entries are compared file by file, so that one file at
 * a time has to fit into memory.
 */
final class Buckets implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 << 10;

    /** Reads or writes one entry. */
    @FunctionalInterface
    interface Access<T> {
        void with(T stream) throws IOException;
    }

    private final Path[] files;
    private final DataOutputStream[] streams;
    private final int shift;

    /**
     * @param directory where the files are made
     * @param bits 2^bits files
     */
    Buckets(Path directory, int bits) {
        files = new Path[1 << bits];
        streams = new DataOutputStream[1 << bits];
        shift = Long.SIZE - bits;
        try {
            for (int i = 0; i < files.length; i++) {
                files[i] = Files.createTempFile(directory, "pgseam-verify-", ".rows");
                streams[i] =
                        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(files[i]), BUFFER_BYTES));
            }
        } catch (IOException e) {
            close();
            throw failure(e);
        }
    }

    private static CommandFailure failure(IOException e) {
        return new CommandFailure("the directory of --work-dir cannot be used: " + e.getMessage(), e);
    }

    int count() {
        return files.length;
    }

    /** Writes an entry of the row with this name. */
    void write(long name, Access<DataOutputStream> entry) {
        try {
            entry.with(streams[files.length == 1 ? 0 : (int) (name >>> shift)]);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Nothing more is written. */
    void finish() {
        try {
            for (DataOutputStream stream : streams) {
                stream.close();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** What was written to one file. */
    byte[] bytes(int bucket) {
        try {
            return Files.readAllBytes(files[bucket]);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Reads the entries of one file, in the order in which they were written. */
    void read(int bucket, Access<DataInputStream> entry) {
        try (DataInputStream stream =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(files[bucket]), 4 * BUFFER_BYTES))) {
            while (true) {
                entry.with(stream);
            }
        } catch (EOFException e) {
            // Every entry is read.
        } catch (IOException e) {
            throw failure(e);
        }
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
