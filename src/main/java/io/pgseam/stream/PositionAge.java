package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long ago the source was at the position that a reader has reached: from samples of where its WAL ended at which time.
 *
 * <p>It takes no clock but the worker's, and grows whatever is the reason: a slow reader, a slow server, or WAL of tables that are not
 * captured. Any thread.
 */
final class PositionAge {

    /** If a reader is farther behind, every second sample is forgotten, and so is every second one from then on. */
    private static final int MOST_SAMPLES = 1_000;

    private record Sample(Lsn lsn, long nanos) {}

    private final ArrayDeque<Sample> ahead = new ArrayDeque<>();
    private @Nullable Sample reached;
    private long taken;
    private long every = 1;

    /**
     * The source's WAL ends here now.
     *
     * @param nanos now, as of {@link System#nanoTime()}
     */
    synchronized void sample(Lsn lsn, long nanos) {
        if (ahead.isEmpty()) {
            every = 1;
        }
        if (taken++ % every != 0) {
            return;
        }
        ahead.add(new Sample(lsn, nanos));
        if (ahead.size() > MOST_SAMPLES) {
            every *= 2;
            boolean keep = true;
            for (Iterator<Sample> samples = ahead.iterator(); samples.hasNext(); keep = !keep) {
                samples.next();
                if (!keep) {
                    samples.remove();
                }
            }
        }
    }

    /** The reader has everything before this LSN. */
    synchronized void reached(Lsn lsn) {
        for (Sample next = ahead.peek(); next != null && !lsn.isBefore(next.lsn()); next = ahead.peek()) {
            reached = ahead.remove();
        }
    }

    /** How long ago the source was there, in ms; -1 if it is not known. */
    synchronized long ms(long nanos) {
        return reached == null ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos - reached.nanos());
    }
}
