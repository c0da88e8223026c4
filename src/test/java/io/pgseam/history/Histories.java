package io.pgseam.history;

import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Plays histories and says which of them passed: {@code mvn -B -q -Phistories -Dseeds=1..20 -Dfresh=5}.
 *
 * <p>The last line is {@code histories: N passed, M failed}; the status is 1 where one failed. A failure prints its seed and
 * what happened when, and {@code -Dseeds=} that seed plays it again.
 */
public final class Histories {

    private final PrintStream out;
    private final Path archive;
    private final Path logs;
    private final List<Long> failed = new ArrayList<>();
    private int passed;

    /**
     * @param out where the report goes
     * @param archive the plugin archive to try
     * @param logs where logs and timelines go
     */
    public Histories(PrintStream out, Path archive, Path logs) {
        this.out = out;
        this.archive = archive;
        this.logs = logs;
    }

    /** Takes what to play from the system properties {@code seeds} and {@code fresh}. */
    public static void main(String[] arguments) throws Exception {
        PrintStream console = System.out;
        Path logs = Files.createDirectories(Path.of(System.getProperty("pgseam.histories.directory")));
        // Kafka's test kit prints; the console is for our own lines.
        System.setOut(new PrintStream(
                Files.newOutputStream(
                        logs.resolve("console.log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true,
                StandardCharsets.UTF_8));
        Histories histories = new Histories(console, Path.of(System.getProperty("pgseam.plugin.archive")), logs);
        List<Long> failed = histories.play(
                Seeds.of(System.getProperty("seeds", ""), Integer.parseInt("0" + System.getProperty("fresh", ""))));
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    /**
     * Plays the histories of these seeds, those with the same kind of workers together.
     *
     * @return the seeds of those that failed
     */
    public List<Long> play(List<Long> seeds) throws Exception {
        List<History> histories = seeds.stream()
                .map(History::of)
                .sorted(Comparator.comparing(History::delivery))
                .toList();
        for (Delivery delivery : Delivery.values()) {
            List<History> together = histories.stream()
                    .filter(history -> history.delivery() == delivery)
                    .toList();
            if (!together.isEmpty()) {
                playOnOneEnvironment(together, delivery);
            }
        }
        out.printf("histories: %d passed, %d failed%n", passed, failed.size());
        return failed;
    }

    private void playOnOneEnvironment(List<History> histories, Delivery delivery)
            throws IOException, InterruptedException {
        try (Environment environment = Environment.start(archive, logs, delivery)) {
            for (History history : histories) {
                play(history, environment);
            }
        } finally {
            PostgresServer.closeAll();
        }
    }

    private void play(History history, Environment environment) throws IOException, InterruptedException {
        Timeline timeline = new Timeline(logs.resolve("seed-" + history.seed() + ".log"));
        timeline.note("history", history.summary());
        String name = "h" + history.seed() + "_" + (passed + failed.size());
        try {
            Performance.play(history, environment, name, timeline);
            passed++;
            out.printf("seed %d: passed in %d s, %s%n", history.seed(), timeline.seconds(), history.summary());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | AssertionError e) {
            failed.add(history.seed());
            out.printf("seed %d: FAILED after %d s, %s%n", history.seed(), timeline.seconds(), history.summary());
            timeline.events().forEach(event -> out.println("    " + event));
            out.println("    " + e);
            for (StackTraceElement frame : e.getStackTrace()) {
                if (frame.getClassName().startsWith("io.pgseam")) {
                    out.println("        at " + frame);
                }
            }
            if (e.getCause() != null) {
                out.println("    because of " + e.getCause());
            }
        }
    }
}
