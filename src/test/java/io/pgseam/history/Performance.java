package io.pgseam.history;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One history, played and judged. */
final class Performance {

    private static final Duration MOMENT = Duration.ofSeconds(40);
    private static final Duration STANDSTILL = Duration.ofSeconds(180);
    private static final Duration LET_GO = Duration.ofSeconds(120);
    private static final long LOOK_MS = 250;

    private final Scene scene;
    private final Timeline timeline;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> violation = new AtomicReference<>();

    private Performance(Scene scene) {
        this.scene = scene;
        this.timeline = scene.timeline();
    }

    /**
     * Plays a history.
     *
     * @param name of its database and its connector, used by no other history in the environment
     * @throws AssertionError with what was wrong in the end
     */
    static void play(History history, Environment environment, String name, Timeline timeline) throws Exception {
        try (Scene scene = Scene.set(history, environment, name, timeline)) {
            new Performance(scene).play();
        }
    }

    private void play() throws Exception {
        scene.connector().configure();
        timeline.note("connector", "created, %s", scene.history().settings());
        Thread operator = started("operator", this::operate);
        Thread observer = started("observer", this::observe);
        try {
            for (Step step : scene.history().steps()) {
                take(step);
            }
            settle();
        } finally {
            over.countDown();
            operator.join();
            observer.join();
        }
        undisturbed(scene::checkDuties);
        undisturbed(new Oracle(scene)::judge);
        delete();
        checkViolation();
    }

    private void take(Step step) throws Exception {
        long deadline = System.nanoTime() + MOMENT.toNanos();
        while (!step.moment().hasCome(scene.control())) {
            checkViolation();
            if (System.nanoTime() > deadline) {
                timeline.note("fault", "%s has not come, goes on", step.moment());
                break;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        TimeUnit.MILLISECONDS.sleep(step.delayMs());
        timeline.note("fault", "%s", step);
        undisturbed(() -> step.fault().apply(scene));
    }

    /** Ends the writers, and waits until the stream has come as far as they have. */
    private void settle() throws Exception {
        scene.environment().disarm();
        scene.environment().workers().startMissing();
        for (Writer writer : scene.writers()) {
            writer.stop();
        }
        AtomicReference<Lsn> end = new AtomicReference<>(Lsn.NONE);
        undisturbed(() -> end.set(scene.database().now()));
        Lsn goal = end.get();
        timeline.note(
                "writers",
                "stopped after %d transactions at %s",
                scene.writers().stream().mapToLong(Writer::committed).sum(),
                goal);
        awaitPosition(goal);
        timeline.note("connector", "has caught up");
    }

    private <E extends Exception> void undisturbed(Environment.Action<E> action) throws E {
        scene.environment().undisturbed(scene.database().server(), action);
    }

    /** However slow the machine is: as long as the stream moves on, it is waited for. */
    private void awaitPosition(Lsn goal) throws InterruptedException {
        Lsn last = Lsn.NONE;
        long moved = System.nanoTime();
        while (last.isBefore(goal)
                || !Moment.STREAMING.hasCome(scene.control())
                || !addedIsCopied()
                || !replacedIsCopied()
                || !republishedIsCopied()) {
            checkViolation();
            Lsn position = scene.connector().position();
            if (position != null && position.isAfter(last)) {
                last = position;
                moved = System.nanoTime();
            } else if (System.nanoTime() - moved > STANDSTILL.toNanos()) {
                throw new AssertionError("the stream stands still at " + last + " and has not reached " + goal);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    /** A table that came late is copied at an anchor of its own, which the stream has to be past as well. */
    private boolean addedIsCopied() {
        int seam = newest("seam");
        return seam >= newest("anchor")
                && scene.added().stream()
                        .allMatch(table -> scene.control().ofType("chunk").stream()
                                .anyMatch(chunk -> chunk.path("table").asText().equals(table.name())
                                        && chunk.path("generation").asInt() <= seam));
    }

    /** A table that has taken another one's name is copied at an anchor after that. */
    private boolean replacedIsCopied() {
        int seam = newest("seam");
        return scene.replaced().entrySet().stream()
                .allMatch(table -> scene.control().ofType("chunk").stream()
                        .anyMatch(chunk -> ("public." + chunk.path("table").asText()).equals(table.getKey())
                                && chunk.path("generation").asInt() <= seam
                                && Lsn.parse(chunk.path("lsn").asText()).isAfter(table.getValue())));
    }

    /** A relation that a person has published otherwise for a while is copied at an anchor after that. */
    private boolean republishedIsCopied() {
        int seam = newest("seam");
        return scene.republished().entrySet().stream()
                .allMatch(relation -> scene.control().ofType("chunk").stream()
                        .anyMatch(chunk -> chunk.path("table").asText().equals(relation.getKey())
                                && chunk.path("generation").asInt() <= seam
                                && Lsn.parse(chunk.path("lsn").asText()).isAfter(relation.getValue())));
    }

    private int newest(String type) {
        return scene.control().ofType(type).stream()
                .mapToInt(record -> record.path("generation").asInt())
                .max()
                .orElse(0);
    }

    private void checkViolation() {
        String wrong = violation.get();
        if (wrong != null) {
            throw new AssertionError(wrong);
        }
    }

    /** What is deleted must not hold anything on the source but the durable slot. */
    private void delete() throws Exception {
        scene.connector().delete();
        TestDatabase database = scene.source();
        Eventually.holds(
                "no session, lock or temporary slot of the connector is left",
                LET_GO,
                () -> leftovers(database).isEmpty(),
                () -> {
                    try {
                        return leftovers(database).toString();
                    } catch (SQLException e) {
                        return e.toString();
                    }
                });
        timeline.note("connector", "is deleted and has let go of the source");
    }

    private static List<String> leftovers(TestDatabase database) throws SQLException {
        return database.query("SELECT 'session ' || application_name || ' ' || state FROM pg_stat_activity"
                + " WHERE datname = current_database() AND application_name LIKE 'pgseam%'"
                + " UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots"
                + " WHERE database = current_database() AND (temporary OR active)");
    }

    /** Restarts what has failed, until the history is over. */
    private void operate() throws InterruptedException {
        Operator operator = new Operator(scene.connector(), timeline);
        do {
            try {
                int started = scene.environment().workers().startMissing();
                if (started > 0) {
                    timeline.note("operator", "started %d workers that were gone", started);
                }
                String unaccountable = operator.look();
                if (unaccountable != null) {
                    violation.compareAndSet(null, "failed in a way that nobody can account for: " + unaccountable);
                }
            } catch (IllegalStateException | IOException e) {
                timeline.note("operator", "%s", e.getMessage());
            }
        } while (!over.await(LOOK_MS, TimeUnit.MILLISECONDS));
    }

    /** Follows the control topic and the slot, until the history is over. */
    private void observe() throws InterruptedException {
        try (SlotWatch slot = new SlotWatch(
                scene.source(),
                scene.environment().bootstrapServers(),
                scene.connector().name())) {
            do {
                look(slot);
            } while (!over.await(LOOK_MS, TimeUnit.MILLISECONDS));
            look(slot);
            timeline.note("slot", "compared %d times with the committed offsets", slot.comparisons());
        }
    }

    private void look(SlotWatch slot) {
        try {
            scene.control().follow(record -> {
                scene.truths().take(record);
                noteControl(record);
            });
            String wrong = slot.look();
            if (wrong != null) {
                timeline.note("slot", "%s", wrong);
                violation.compareAndSet(null, wrong);
            }
        } catch (SQLException | RuntimeException | AssertionError e) {
            timeline.note("observer", "looks again: %s", e.getMessage());
        }
    }

    private void noteControl(com.fasterxml.jackson.databind.JsonNode record) {
        switch (record.path("type").asText()) {
            case "anchor", "catch_up", "seam" ->
                timeline.note(
                        "phase",
                        "%s %s at %s",
                        record.path("type").asText(),
                        record.path("generation"),
                        record.path("lsn").asText());
            case "misfit" ->
                timeline.note("phase", "misfit: %s", record.path("reason").asText());
            case "truncate", "schema" ->
                timeline.note(
                        "phase",
                        "%s of %s at %s",
                        record.path("type").asText(),
                        record.path("table").asText(),
                        record.path("lsn").asText());
            default -> {
                // Too many to be noted.
            }
        }
    }

    /** Something that a thread does until the history is over. */
    private interface Work {
        void run() throws InterruptedException;
    }

    private static Thread started(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
