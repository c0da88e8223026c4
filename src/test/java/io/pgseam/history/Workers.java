package io.pgseam.history;

import io.pgseam.testing.ConnectWorker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Connect workers of an environment, processes each; those that are gone can be started again. For any thread. */
final class Workers implements AutoCloseable {

    /** What all of them share. */
    record Setup(
            String bootstrapServers,
            Path directory,
            Path plugins,
            Path logSettings,
            Map<String, String> settings,
            List<String> jvmOptions) {}

    private final Setup setup;
    private final List<ConnectWorker> workers = new ArrayList<>();

    private Workers(Setup setup) {
        this.setup = setup;
    }

    /** Starts so many; returns when all of them answer. */
    static Workers start(Setup setup, int count) throws IOException {
        Workers started = new Workers(setup);
        for (int number = 0; number < count; number++) {
            started.workers.add(started.launch(number));
        }
        started.workers.forEach(ConnectWorker::awaitReady);
        return started;
    }

    private ConnectWorker launch(int number) throws IOException {
        Path directory = Files.createDirectories(setup.directory().resolve("worker-" + number));
        return ConnectWorker.launch(
                setup.bootstrapServers(),
                directory,
                setup.plugins(),
                setup.logSettings(),
                setup.directory().resolve("worker-" + number + ".log"),
                setup.settings(),
                setup.jvmOptions());
    }

    synchronized int count() {
        return workers.size();
    }

    /** Addresses of those that run. */
    synchronized List<URI> running() {
        return workers.stream()
                .filter(ConnectWorker::isAlive)
                .map(ConnectWorker::url)
                .toList();
    }

    /** The number of the worker at this {@code host:port}; -1 where it is none of those that run. */
    synchronized int at(String address) {
        for (int number = 0; number < workers.size(); number++) {
            ConnectWorker worker = workers.get(number);
            if (worker.isAlive() && worker.url().getPort() == portOf(address)) {
                return number;
            }
        }
        return -1;
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    void kill(int number) throws InterruptedException {
        worker(number).kill();
    }

    /** Stops a worker as an administrator does. */
    void stop(int number) throws InterruptedException {
        worker(number).stop();
    }

    private synchronized ConnectWorker worker(int number) {
        return workers.get(number);
    }

    /** Starts every worker again that does not run; does not wait for it. Tells how many those were. */
    synchronized int startMissing() throws IOException {
        int started = 0;
        for (int number = 0; number < workers.size(); number++) {
            if (!workers.get(number).isAlive()) {
                workers.set(number, launch(number));
                started++;
            }
        }
        return started;
    }

    @Override
    public synchronized void close() throws InterruptedException {
        for (ConnectWorker worker : workers) {
            worker.kill();
        }
    }
}
