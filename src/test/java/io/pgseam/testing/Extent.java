package io.pgseam.testing;

import java.util.Locale;

/** How much of the test matrix runs: {@code -Dpgseam.matrix=build} or {@code full}. */
public enum Extent {
    /** Every test, with the servers and deliveries that make a difference to it: in each {@code mvn verify}. */
    BUILD,
    /** Every test with everything: {@code mvn verify -Pnightly}. */
    FULL;

    private static final Extent OF_THIS_RUN =
            valueOf(System.getProperty("pgseam.matrix", "build").toUpperCase(Locale.ROOT));

    /** Which one this run has. */
    public static Extent ofThisRun() {
        return OF_THIS_RUN;
    }

    /** Chooses by it. */
    public static <T> T ofThisRun(T build, T full) {
        return OF_THIS_RUN == FULL ? full : build;
    }
}
