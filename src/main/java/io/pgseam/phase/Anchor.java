package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * One consistent point of the source. Its snapshot shows exactly the commits before {@code lsn}; both come from one
 * {@code CREATE_REPLICATION_SLOT} (invariant I1).
 *
 * @param generation its number, from 1
 * @param lsn the consistent point
 */
public record Anchor(int generation, Lsn lsn) {

    public Anchor {
        if (generation < 1) {
            throw new IllegalArgumentException("generations are numbered from 1, not " + generation);
        }
    }

    @Override
    public String toString() {
        return "anchor " + generation + " at " + lsn;
    }

    /**
     * Whether everything that was committed before this anchor is in Kafka or in its snapshot. Anchor 1 is the slot's own: where
     * nothing is streamed yet, nothing was committed between the two.
     *
     * @param stream the committed position of the stream; null before its first commit
     */
    public boolean isReachedBy(@Nullable StreamPosition stream) {
        return stream == null ? generation == 1 : stream.hasReached(this);
    }
}
