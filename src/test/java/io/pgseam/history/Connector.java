package io.pgseam.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.StreamOffset;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connector under test, by its name. Workers may be gone or in the midst of a rebalance when it is asked for something:
 * then another one is asked, until one answers. For any thread.
 */
final class Connector {

    static final String CLASS = "io.pgseam.PgSeamSourceConnector";
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final Duration REQUEST = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final long RETRY_MS = 200;
    private static final int NOT_FOUND = 404;

    private final Workers workers;
    private final String name;
    private final Map<String, String> settings;
    private final AtomicInteger turn = new AtomicInteger();
    private final ConnectRest rest = new ConnectRest(this::nextWorker, REQUEST);

    Connector(Workers workers, String name, Map<String, String> settings) {
        this.workers = workers;
        this.name = name;
        this.settings = new TreeMap<>(settings);
        this.settings.put("connector.class", CLASS);
        this.settings.put("key.converter", BYTES);
        this.settings.put("value.converter", BYTES);
        this.settings.put("transaction.boundary", "connector");
        this.settings.put("topic.creation.default.partitions", "3");
        this.settings.put("topic.creation.default.replication.factor", "1");
        // The stream's position moves on soon after the last change, and a history has not long to wait for it.
        this.settings.put("heartbeat.interval.ms", "300");
    }

    private URI nextWorker() {
        List<URI> running = workers.running();
        if (running.isEmpty()) {
            throw new UncheckedIOException(new java.io.IOException("no worker runs"));
        }
        return running.get(Math.floorMod(turn.getAndIncrement(), running.size()));
    }

    private <T> T asked(Function<ConnectRest, T> question) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return question.apply(rest);
            } catch (UncheckedIOException | ConnectRest.Refused e) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("no worker did what connector " + name + " was asked for", e);
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
        }
    }

    String name() {
        return name;
    }

    /** Creates it, or gives it its changed settings. */
    void configure() throws InterruptedException {
        asked(rest -> rest.put("/connectors/" + name + "/config", settings));
    }

    void change(String setting, String value) throws InterruptedException {
        synchronized (settings) {
            settings.put(setting, value);
        }
        configure();
    }

    ConnectorStatus status() throws InterruptedException {
        return asked(rest -> ConnectorStatus.of(rest.get("/connectors/" + name + "/status")));
    }

    /** Restarts the connector itself. */
    void restart(boolean withTasks, boolean onlyFailed) throws InterruptedException {
        asked(rest -> rest.post(
                "/connectors/" + name + "/restart?includeTasks=" + withTasks + "&onlyFailed=" + onlyFailed, null));
    }

    /**
     * Restarts a task; nothing happens where there is none of this number. Of one that there was once Connect says for ever that a
     * rebalance is under way, so its status is looked at first.
     */
    void restartTask(int task) throws InterruptedException {
        asked(rest -> {
            boolean there = ConnectorStatus.of(rest.get("/connectors/" + name + "/status")).tasks().stream()
                    .anyMatch(part -> part.name().equals("task " + task));
            return there
                    ? unlessMissing(() -> rest.post("/connectors/" + name + "/tasks/" + task + "/restart", null))
                    : null;
        });
    }

    /** pause, resume or stop. */
    void turn(String action) throws InterruptedException {
        asked(rest -> rest.put("/connectors/" + name + "/" + action, null));
    }

    /**
     * Deletes it; returns when no worker knows it any more. Each is asked: one that has just been started, and has not read what
     * there is, knows no connector at all.
     */
    void delete() throws InterruptedException {
        asked(rest -> {
            for (int asked = workers.running().size(); asked > 0; asked--) {
                if (unlessMissing(() -> rest.get("/connectors/" + name + "/status")) != null) {
                    unlessMissing(() -> rest.delete("/connectors/" + name));
                    throw new UncheckedIOException(new java.io.IOException("connector " + name + " is still there"));
                }
            }
            return true;
        });
    }

    private static @Nullable JsonNode unlessMissing(java.util.function.Supplier<JsonNode> request) {
        try {
            return request.get();
        } catch (ConnectRest.Refused e) {
            if (e.status() == NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    /** Everything that committed before this LSN is in Kafka, by the committed offsets; null before the first. */
    @Nullable
    Lsn position() throws InterruptedException {
        JsonNode offsets = asked(rest -> rest.get("/connectors/" + name + "/offsets"));
        for (JsonNode entry : offsets.path("offsets")) {
            if (entry.path("partition").size() == 1 && entry.path("offset").has("lsn")) {
                return StreamOffset.of(entry.path("offset")).readFrom();
            }
        }
        return null;
    }
}
