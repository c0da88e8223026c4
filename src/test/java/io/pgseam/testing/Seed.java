package io.pgseam.testing;

import java.util.Random;

/**
 * The seed of a random test: another one for each run, printed, and taken from the system property {@code pgseam.seed} where
 * that is set, so that a failure can be played again.
 */
public final class Seed {

    private Seed() {}

    public static Random random(Class<?> test) {
        long seed = Long.getLong("pgseam.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": -Dpgseam.seed=" + seed);
        return new Random(seed);
    }
}
