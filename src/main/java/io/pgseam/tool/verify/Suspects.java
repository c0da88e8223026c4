package io.pgseam.tool.verify;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keys of rows that have not been found equal, in a file: written once, then read once. */
final class Suspects implements AutoCloseable {

    /**
     * One row.
     *
     * @param key what names it
     * @param lackedVersion {@code xmin} of the source's row that the target did not have when it was looked up last; 0 if it had one
     */
    record Suspect(RowKey key, long lackedVersion) {}

    private final Path directory;
    private final int columns;
    private @Nullable Path file;
    private @Nullable DataOutputStream stream;
    private long count;

    /**
     * @param directory where the file is made if there is a key
     * @param columns how many columns a key has
     */
    Suspects(Path directory, int columns) {
        this.directory = directory;
        this.columns = columns;
    }

    private static CommandFailure failure(IOException e) {
        return new CommandFailure("the directory of --work-dir cannot be used: " + e.getMessage(), e);
    }

    void add(RowKey key, long lackedVersion) {
        try {
            DataOutputStream to = stream;
            if (to == null) {
                file = Files.createTempFile(directory, "pgseam-verify-", ".keys");
                to = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
                stream = to;
            }
            key.write(to);
            to.writeLong(lackedVersion);
            count++;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Nothing more is added. */
    void finish() {
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    long count() {
        return count;
    }

    /** Hands all of them over, in lists of at most so many. */
    void read(int most, Consumer<List<Suspect>> batches) {
        finish();
        if (file == null) {
            return;
        }
        try (DataInputStream input = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            List<Suspect> batch = new ArrayList<>(most);
            for (long i = 0; i < count; i++) {
                batch.add(new Suspect(RowKey.read(input, columns), input.readLong()));
                if (batch.size() == most || i == count - 1) {
                    batches.accept(batch);
                    batch = new ArrayList<>(most);
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        try {
            if (stream != null) {
                stream.close();
            }
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A file in a directory for such files is all that is left.
        }
    }
}
