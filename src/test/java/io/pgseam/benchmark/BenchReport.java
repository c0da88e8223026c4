package io.pgseam.benchmark;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Medians with least and most, and what they are beside those of other systems. */
final class BenchReport {

    private static final String DEBEZIUM = "debezium";
    private static final String NOWHERE = "nowhere";

    /** By phase and table, then by system, in the order in which they were measured. */
    private final Map<String, Map<String, List<Measurement>>> groups;

    BenchReport(Collection<Measurement> measurements) {
        groups = measurements.stream()
                .collect(Collectors.groupingBy(
                        measured -> measured.phase() + " " + measured.table(),
                        LinkedHashMap::new,
                        Collectors.groupingBy(Measurement::system, LinkedHashMap::new, Collectors.toList())));
    }

    Map<String, Map<String, List<Measurement>>> groups() {
        return groups;
    }

    /** How many times as fast each system is as Debezium's connector and as a bare reading, and how much less a row costs it. */
    List<String> ratios() {
        return groups.entrySet().stream()
                .flatMap(group -> group.getValue().keySet().stream()
                        .filter(system -> !system.equals(DEBEZIUM) && !system.equals(NOWHERE))
                        .map(system -> ratio(group.getKey(), group.getValue(), system)))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String ratio(String group, Map<String, List<Measurement>> systems, String system) {
        List<Measurement> ours = Objects.requireNonNull(systems.get(system));
        List<Measurement> theirs = systems.get(DEBEZIUM);
        List<Measurement> bare = systems.get(NOWHERE);
        StringBuilder line = new StringBuilder();
        if (theirs != null) {
            line.append(String.format(
                    Locale.ROOT,
                    "%s: %s/debezium throughput ×%.1f cpu/row ÷%.1f",
                    group,
                    system,
                    median(ours, Measurement::rowsPerSecond) / median(theirs, Measurement::rowsPerSecond),
                    median(theirs, Measurement::workerMicros) / median(ours, Measurement::workerMicros)));
        }
        if (bare != null) {
            line.append(String.format(
                    Locale.ROOT,
                    "%s wall ×%.1f of nowhere",
                    line.isEmpty() ? group + ": " + system : ";",
                    median(ours, Measurement::seconds) / median(bare, Measurement::seconds)));
        }
        return line.toString();
    }

    /** The median of a figure of one system in one group, such as {@code snapshot orders}. */
    double medianOf(String group, String system, ToDoubleFunction<Measurement> figure) {
        return median(
                Objects.requireNonNull(Objects.requireNonNull(groups.get(group)).get(system)), figure);
    }

    static double median(List<Measurement> of, ToDoubleFunction<Measurement> figure) {
        double[] sorted = of.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * The report as Markdown.
     *
     * @param about a line on the machine and the run
     * @param plot file name of the plot
     */
    String markdown(String about, String plot) {
        StringBuilder text = new StringBuilder("# Benchmark\n\n")
                .append(about)
                .append("\n\n![rows/s](")
                .append(plot)
                .append(")\n");
        groups.forEach((group, systems) -> {
            text.append("\n## ").append(group).append("\n\nMedian (least–most) of the rounds.\n\n");
            text.append(
                    "| system | s | rows/s | worker CPU, µs a row | broker CPU, s | PostgreSQL CPU, s | worker's peak RSS, MB"
                            + " | topic, MB | tail, % |\n|---|---|---|---|---|---|---|---|---|\n");
            systems.forEach((system, of) -> text.append("| ")
                    .append(system)
                    .append(cell(of, "%.1f", Measurement::seconds))
                    .append(cell(of, "%.0f", Measurement::rowsPerSecond))
                    .append(cell(of, "%.1f", Measurement::workerMicros))
                    .append(cell(of, "%.1f", Measurement::broker))
                    .append(cell(of, "%.1f", Measurement::server))
                    .append(cell(of, "%.0f", one -> one.peakBytes() / 1e6))
                    .append(cell(of, "%.0f", one -> one.topicBytes() / 1e6))
                    .append(of.get(0).tail() < 0 ? " | –" : cell(of, "%.1f", one -> 100 * one.tail()))
                    .append(" |\n"));
        });
        text.append("\n## Ratios of the medians\n\n");
        ratios().forEach(line -> text.append("- ").append(line).append('\n'));
        return text.toString();
    }

    private static String cell(List<Measurement> of, String form, ToDoubleFunction<Measurement> figure) {
        double least = of.stream().mapToDouble(figure).min().orElse(0);
        double most = of.stream().mapToDouble(figure).max().orElse(0);
        String range = " | " + form + " (" + form + "–" + form + ")";
        return String.format(Locale.ROOT, range, median(of, figure), least, most);
    }
}
