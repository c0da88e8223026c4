package io.pgseam.history;

import io.pgseam.testing.ConnectCluster.Delivery;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Plays histories and says which of them passed: {@code mvn -B -q -Phistories -Dseeds=1..20 -Dfresh=5}.
 *
 * <p>The last line is {@code histories: N passed, M failed}; the status is 1 where one failed. A failure prints its seed and
 * what happened when, and {@code -Dseeds=} that seed plays it again.
 */
public final class Histories {

    /**
     * How many take place in an environment at a time. They mostly wait; and a worker that one kills, the other loses too,
     * which has to make no difference.
     */
    private static final int AT_A_TIME = 2;

    private static final int ENDED_BY_SIGNAL = 143;

    private final PrintStream out;
    private final Path archive;
    private final Path logs;
    private final AtomicInteger started = new AtomicInteger();
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
        // Maven does not pass on the signal that ends it.
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(ENDED_BY_SIGNAL)));
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
        out.println("histories of seeds " + seeds);
        for (Delivery delivery : Delivery.values()) {
            List<History> together = seeds.stream()
                    .map(History::of)
                    .filter(history -> history.delivery() == delivery)
                    .toList();
            if (!together.isEmpty()) {
                playOnOneEnvironment(together, delivery);
            }
        }
        out.printf("histories: %d passed, %d failed%n", passed, failed.size());
        return failed;
    }

    private void playOnOneEnvironment(List<History> histories, Delivery delivery) throws Exception {
        ExecutorService stages = Executors.newFixedThreadPool(AT_A_TIME);
        try (Environment environment = Environment.start(archive, logs, delivery)) {
            List<Future<?>> plays = new ArrayList<>();
            for (History history : histories) {
                plays.add(stages.submit(() -> {
                    play(history, environment);
                    return true;
                }));
            }
            for (Future<?> play : plays) {
                play.get();
            }
        } finally {
            stages.shutdownNow();
        }
    }

    private void play(History history, Environment environment) throws IOException, InterruptedException {
        Timeline timeline = new Timeline(logs.resolve("seed-" + history.seed() + ".log"));
        timeline.note("history", history.summary());
        String name = "h" + history.seed() + "_" + started.incrementAndGet();
        try {
            Performance.play(history, environment, name, timeline);
            report(history, timeline, null);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | AssertionError e) {
            report(history, timeline, e);
        }
    }

    private synchronized void report(History history, Timeline timeline, @Nullable Throwable failure) {
        if (failure == null) {
            passed++;
            out.printf("seed %d: passed in %d s, %s%n", history.seed(), timeline.seconds(), history.summary());
            return;
        }
        failed.add(history.seed());
        out.printf("seed %d: FAILED after %d s, %s%n", history.seed(), timeline.seconds(), history.summary());
        timeline.events().forEach(event -> out.println("    " + event));
        out.println("    " + failure);
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("io.pgseam")) {
                out.println("        at " + frame);
            }
        }
        if (failure.getCause() != null) {
            out.println("    because of " + failure.getCause());
        }
    }
}
