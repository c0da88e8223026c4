package io.pgseam.history;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connector under test. Workers may be gone or in the middle of a rebalance when they get a request: then another one gets
 * it, until one answers. For any thread.
 */
final class Connector {

    private static final Duration REQUEST = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final long RETRY_MS = 200;

    private final Workers workers;
    private final String name;
    private final Map<String, String> settings;
    private final AtomicInteger turn = new AtomicInteger();
    private final ConnectorClient client;

    Connector(Workers workers, String name, Map<String, String> settings) {
        this.workers = workers;
        this.name = name;
        this.settings = new TreeMap<>(settings);
        this.client = new ConnectorClient(new ConnectRest(this::nextWorker, REQUEST), name);
    }

    private URI nextWorker() {
        List<URI> running = workers.running();
        if (running.isEmpty()) {
            throw new UncheckedIOException(new IOException("no worker runs"));
        }
        return running.get(Math.floorMod(turn.getAndIncrement(), running.size()));
    }

    private <T> T asked(Function<ConnectorClient, T> question) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return question.apply(client);
            } catch (UncheckedIOException | ConnectRest.Refused e) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("no worker did what connector " + name + " was asked for", e);
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
        }
    }

    /** Makes a request until a worker has done it. */
    void request(Consumer<ConnectorClient> request) throws InterruptedException {
        asked(client -> {
            request.accept(client);
            return true;
        });
    }

    String name() {
        return name;
    }

    /** Creates it, or gives it its changed settings. */
    void configure() throws InterruptedException {
        request(client -> client.configure(settings));
    }

    void change(String setting, String value) throws InterruptedException {
        synchronized (settings) {
            settings.put(setting, value);
        }
        configure();
    }

    ConnectorStatus status() throws InterruptedException {
        return asked(ConnectorClient::status);
    }

    /**
     * Restarts a task, if it exists. Of a task that existed once Connect says for ever that a rebalance is under way, so the status
     * is looked at first.
     */
    void restartTask(int task) throws InterruptedException {
        request(client -> {
            if (client.status().tasks().stream().anyMatch(part -> part.name().equals("task " + task))) {
                ConnectorClient.unlessMissing(() -> client.restartTask(task));
            }
        });
    }

    /**
     * Deletes it; returns when no worker knows it any more. Each is asked: one that has just been started, and has not read what
     * there is, knows no connector at all.
     */
    void delete() throws InterruptedException {
        request(client -> {
            for (int asked = workers.running().size(); asked > 0; asked--) {
                if (client.isKnown()) {
                    client.delete();
                    throw new UncheckedIOException(new IOException("connector " + name + " is still there"));
                }
            }
        });
    }

    /** Everything that committed before this LSN is in Kafka, by the committed offsets; null before the first. */
    @Nullable
    Lsn position() throws InterruptedException {
        StreamPosition committed = asked(ConnectorClient::position);
        return committed == null ? null : committed.readFrom();
    }
}
