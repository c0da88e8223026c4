package io.pgseam.history;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Which histories are asked for. */
final class Seeds {

    /** Short enough to be typed. */
    private static final long MOST = 1_000_000_000L;

    private Seeds() {}

    /**
     * Reads {@code 1,2,7}, {@code 1..20} or both.
     *
     * @param list may be empty
     * @param fresh how many more to draw at random
     * @throws IllegalArgumentException where the list cannot be read
     */
    static List<Long> of(String list, int fresh) {
        List<Long> seeds = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String text = part.strip();
            int dots = text.indexOf("..");
            if (dots >= 0) {
                long last = Long.parseLong(text.substring(dots + 2));
                for (long seed = Long.parseLong(text.substring(0, dots)); seed <= last; seed++) {
                    seeds.add(seed);
                }
            } else if (!text.isEmpty()) {
                seeds.add(Long.parseLong(text));
            }
        }
        for (int i = 0; i < fresh; i++) {
            seeds.add(ThreadLocalRandom.current().nextLong(1, MOST));
        }
        return seeds;
    }
}
