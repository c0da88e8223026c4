package io.pgseam.history;

import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.WorkerSetup;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Connect workers of an environment, processes each; those that are gone can be started again. For any thread. */
final class Workers implements AutoCloseable {

    private final WorkerSetup setup;
    private final Path logs;
    private final List<ConnectWorker> workers = new ArrayList<>();

    private Workers(WorkerSetup setup, Path logs) {
        this.setup = setup;
        this.logs = logs;
    }

    /** Starts so many; returns when all of them answer. Their logs and files go to a directory. */
    static Workers start(WorkerSetup setup, Path logs, int count) throws IOException {
        Workers started = new Workers(setup, logs);
        for (int number = 0; number < count; number++) {
            started.workers.add(started.launch(number));
        }
        started.workers.forEach(ConnectWorker::awaitReady);
        return started;
    }

    private ConnectWorker launch(int number) throws IOException {
        return ConnectWorker.launch(setup, logs.resolve("worker-" + number), logs.resolve("worker-" + number + ".log"));
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
