package io.pgseam.failpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * A border between two steps, at which a test can have the connector fail or its worker die; see
 * {@code docs/decisions/0008-failpoints.md}.
 *
 * <p>Off unless the worker's JVM has the system property {@value #DIRECTORY_PROPERTY}. Then a file in that directory, named as
 * the failpoint, makes the next pass fail, once: the file is gone afterwards. If the file says {@code halt}, the process ends
 * at once; else the pass throws.
 */
public enum Failpoint {
    /** The leader has created the slot and holds its snapshot; nothing is planned yet. */
    SLOT_CREATED,
    /** The leader has opened an anchor; the tasks do not know of it yet. */
    ANCHOR_OPENED,
    /** The leader has asked for new tasks. */
    TASKS_ASSIGNED,
    /** A copy task has imported the snapshot; it has read nothing yet. */
    SNAPSHOT_HELD,
    /** A copy task has read rows; Connect does not have them yet. */
    ROWS_READ,
    /** A copy task has made the record that calls a chunk done; Connect does not have it yet. */
    CHUNK_ACKNOWLEDGED,
    /** The stream task begins to catch up with an anchor. */
    CATCH_UP_BEGUN,
    /** The slot's reader has caught up with an anchor, and has not said so yet. */
    CAUGHT_UP,
    /** The stream task has seen that every chunk is done; the seam is not written yet. */
    COPY_COMPLETE,
    /** The stream task has taken changes from its queue, the first ones after the seam too; Connect does not have them yet. */
    CHANGES_TAKEN,
    /** The slot's reader knows a new durable position; the slot does not know it yet. */
    POSITION_DURABLE,
    /** The slot's reader has confirmed a position to the slot. */
    POSITION_CONFIRMED;

    /** Where the files are. */
    public static final String DIRECTORY_PROPERTY = "pgseam.failpoints";

    /** What a file says that is to end the process. */
    public static final String HALT = "halt";

    private static final int KILLED = 137;

    private static final @Nullable Path DIRECTORY = directory();

    private static @Nullable Path directory() {
        String directory = System.getProperty(DIRECTORY_PROPERTY, "");
        return directory.isEmpty() ? null : Path.of(directory);
    }

    /** Goes through, or fails where a test has asked for it. */
    public void pass() {
        if (DIRECTORY != null) {
            passArmed(DIRECTORY.resolve(name()));
        }
    }

    /**
     * Goes through unless there is a file, which is used up.
     *
     * @throws ConnectException where there is
     */
    void passArmed(Path file) {
        try {
            String manner = Files.readString(file);
            if (!Files.deleteIfExists(file)) {
                return;
            }
            if (manner.strip().equals(HALT)) {
                Runtime.getRuntime().halt(KILLED);
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new ConnectException("Failpoint " + name() + " was armed by a test");
    }
}
