package io.pgseam.phase;

import io.pgseam.pg.Lsn;

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
}
