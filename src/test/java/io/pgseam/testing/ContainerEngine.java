package io.pgseam.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;

/**
 * Whether this machine can run containers for tests; found out once.
 *
 * <p>Inside a container, Testcontainers looks for its host by running an image of its own, and where no registry can be
 * reached it tries for minutes. Here it has less.
 */
final class ContainerEngine {

    private static final int TIMEOUT_SECONDS = 20;

    private static boolean asked;
    private static @Nullable String obstacle;

    private ContainerEngine() {}

    /**
     * @param what what is going to run in a container, to begin the message
     * @throws TestAbortedException where there is no engine, or it cannot be used
     */
    static synchronized void require(String what) {
        if (!asked) {
            // Not in a static initialiser: the asking thread needs this class, and would wait for it.
            obstacle = ask();
            asked = true;
        }
        if (obstacle != null) {
            throw new TestAbortedException(what + " runs in a container, and " + obstacle + ": not tested");
        }
    }

    private static @Nullable String ask() {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread asking = new Thread(
                () -> {
                    try {
                        answer.complete(DockerClientFactory.instance().isDockerAvailable());
                    } catch (RuntimeException | Error e) {
                        answer.completeExceptionally(e);
                    }
                },
                "ask-docker");
        asking.setDaemon(true);
        asking.start();
        try {
            return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS) ? null : "no Docker engine answers";
        } catch (TimeoutException e) {
            boolean inContainer = Files.exists(Path.of("/.dockerenv"));
            return "Testcontainers was not ready within " + TIMEOUT_SECONDS + " s"
                    + (inContainer ? " (inside a container, set TESTCONTAINERS_HOST_OVERRIDE)" : "");
        } catch (ExecutionException e) {
            return "Testcontainers failed: " + e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "the question was interrupted";
        }
    }
}
