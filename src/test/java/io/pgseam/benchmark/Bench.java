package io.pgseam.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the systems side by side: copies of tables, and a stream of updates. They take turns, A B A B, in several rounds after one that
 * warms up. Prints one line for each measurement and the ratios at the end, and writes {@code report.md} with a plot.
 */
public final class Bench {

    private static final String UPDATED = "updated";

    private final BenchHost host;
    private final BenchOptions options;
    private final List<Measurement> measurements = new ArrayList<>();

    private Bench(BenchHost host, BenchOptions options) {
        this.host = host;
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        Path directory = Path.of(System.getProperty("pgseam.bench.directory", "target/bench"));
        BenchReport report = run(BenchOptions.given(), directory);
        report.ratios().forEach(System.out::println);
        System.out.printf(
                Locale.ROOT,
                "bench: %s after %d s%n",
                directory.resolve("report.md"),
                (System.nanoTime() - start) / 1_000_000_000);
    }

    /** Measures, and writes the report into this directory. */
    static BenchReport run(BenchOptions options, Path directory) throws Exception {
        try (BenchHost host = BenchHost.start(Path.of(System.getProperty("pgseam.plugin.archive")))) {
            Bench bench = new Bench(host, options);
            bench.createTables();
            bench.measure();
            BenchReport report = new BenchReport(bench.measurements);
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("rows.svg"), BenchPlot.svg(report));
            Files.writeString(directory.resolve("report.md"), report.markdown(about(options), "rows.svg"));
            return report;
        }
    }

    private void createTables() throws Exception {
        for (BenchTable table : options.tables()) {
            host.database().execute(table.create(table.label(), options.rows()));
        }
        if (options.updates() > 0) {
            host.database().execute(BenchTable.ORDERS.create(UPDATED, BenchRound.updatedRows(options)));
        }
    }

    private void measure() throws Exception {
        for (int number = 0; number <= options.rounds(); number++) {
            for (int place = 0; place < options.systems().size(); place++) {
                BenchSystem system = options.systems().get(place);
                for (BenchTable table : options.tables()) {
                    String prefix = "copy" + number + "_" + place + "_" + table.label();
                    note(number, new BenchRound(host, options, system, prefix).snapshot(table));
                }
                if (options.updates() > 0) {
                    note(
                            number,
                            new BenchRound(host, options, system, "stream" + number + "_" + place).stream(UPDATED));
                }
            }
        }
    }

    private void note(int round, Measurement measured) {
        System.out.printf(
                Locale.ROOT,
                "round %d %s %s %s: %.1f s, %.0f rows/s, worker %.2f us/row, broker %.1f s, server %.1f s, peak %d MB%s%n",
                round,
                measured.phase(),
                measured.table(),
                measured.system(),
                measured.seconds(),
                measured.rowsPerSecond(),
                measured.workerMicros(),
                measured.broker(),
                measured.server(),
                measured.peakBytes() >> 20,
                measured.tail() < 0 ? "" : String.format(Locale.ROOT, ", tail %.1f %%", 100 * measured.tail()));
        if (round > 0) {
            measurements.add(measured);
        }
    }

    private static String about(BenchOptions options) throws java.io.IOException {
        String processor;
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            processor = lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse("unknown");
        }
        return String.format(
                Locale.ROOT,
                "%s, %d processors (%s), load %s, %s. %d rows a table, %d updates in transactions of %d, %d tasks, %d rounds after one"
                        + " that is not counted. Workers of 512 MB; PostgreSQL 17 and the broker on the same machine.",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                processor,
                Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0],
                System.getProperty("os.version"),
                options.rows(),
                options.updates(),
                options.inTransaction(),
                options.tasks(),
                options.rounds());
    }
}
