package io.pgseam.tool.load;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far one table is loaded.
 *
 * @param exists whether something loads it
 * @param next of each partition of its topic, the offset after the last message that is loaded; a partition that nothing is known of is
 *     left out
 * @param obstacle why it gets no further unless a person does something; empty if it can
 * @param lastError what went wrong last, though loading continues; empty if nothing did. Of an error of
 *     many lines, which may be a stack trace of the server, the first is kept
 */
public record LoadState(
        boolean exists, SortedMap<Integer, Long> next, Optional<String> obstacle, Optional<String> lastError) {

    public LoadState {
        next = new TreeMap<>(next);
        lastError = lastError.flatMap(error -> error.lines().findFirst());
    }

    static LoadState missing(String obstacle) {
        return new LoadState(false, new TreeMap<>(), Optional.of(obstacle), Optional.empty());
    }

    /**
     * How many offsets are still to be loaded.
     *
     * @param last of each partition the offset of the last message that is waited for
     */
    public long missing(SortedMap<Integer, Long> last) {
        return last.entrySet().stream()
                .mapToLong(entry -> Math.max(0, entry.getValue() + 1 - next.getOrDefault(entry.getKey(), 0L)))
                .sum();
    }
}
