package io.pgseam.history;

import io.pgseam.testing.ConnectCluster.Delivery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A few histories that draw, all together, everything that a history can draw. */
final class Cover {

    private static final String TABLE_WHILE_STREAMING = "a table that comes while the stream is at work";

    private Cover() {}

    /**
     * What a history can draw: each delivery, server version, form of partitions, kind of fault and moment, and a table that comes
     * while the stream is at work.
     */
    private static Set<String> everything() {
        return Stream.of(
                        Arrays.stream(Delivery.values()).map(Cover::part),
                        IntStream.of(History.VERSIONS).mapToObj(Cover::version),
                        Stream.of(true, false).map(Cover::form),
                        Fault.kinds().stream().map(Cover::kind),
                        Arrays.stream(Moment.values()).map(Cover::part),
                        Stream.of(TABLE_WHILE_STREAMING))
                .flatMap(Function.identity())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> drawn(long seed) {
        History history = History.of(seed);
        Set<String> parts =
                new TreeSet<>(Set.of(part(history.delivery()), version(history.postgres()), form(history.viaRoot())));
        for (Step step : history.steps()) {
            parts.add(kind(step.fault().getClass()));
            parts.add(part(step.moment()));
            if (step.fault() instanceof Fault.AddTable && step.moment() == Moment.STREAMING) {
                parts.add(TABLE_WHILE_STREAMING);
            }
        }
        return parts;
    }

    /** What the histories of these seeds do not draw; empty where they are a cover. */
    static Set<String> missing(Collection<Long> seeds) {
        Set<String> missing = everything();
        seeds.forEach(seed -> missing.removeAll(drawn(seed)));
        return missing;
    }

    /**
     * Chooses a cover: begins with each seed in turn, adds the one that draws most of what is missing, and takes the smallest
     * result, of equals the one with the fewest steps to play.
     *
     * @param last the seeds to choose from are 1 to this one
     */
    static List<Long> choose(long last) {
        return LongStream.rangeClosed(1, last)
                .mapToObj(first -> grown(first, last))
                .min(Comparator.<List<Long>>comparingInt(List::size).thenComparingInt(Cover::steps))
                .orElseThrow();
    }

    private static List<Long> grown(long first, long last) {
        List<Long> chosen = new ArrayList<>(List.of(first));
        Set<String> missing = missing(chosen);
        while (!missing.isEmpty()) {
            long next = LongStream.rangeClosed(1, last)
                    .boxed()
                    .max(Comparator.comparingLong(seed ->
                            drawn(seed).stream().filter(missing::contains).count()))
                    .orElseThrow();
            chosen.add(next);
            if (!missing.removeAll(drawn(next))) {
                throw new IllegalArgumentException("no seed up to " + last + " draws " + missing);
            }
        }
        return chosen;
    }

    private static int steps(List<Long> seeds) {
        return seeds.stream().mapToInt(seed -> History.of(seed).steps().size()).sum();
    }

    private static String part(Enum<?> constant) {
        return constant.getDeclaringClass().getSimpleName() + "." + constant;
    }

    private static String version(int postgres) {
        return "PostgreSQL " + postgres;
    }

    private static String form(boolean viaRoot) {
        return viaRoot ? "partitions published as their table" : "partitions published as they are";
    }

    private static String kind(Class<?> fault) {
        return "Fault." + fault.getSimpleName();
    }
}
