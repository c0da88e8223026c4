package io.pgseam.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The REST interface of a Connect cluster, asked at any of its workers.
 *
 * <p>Workers answer 409 while they rebalance, which says nothing about the request: it is asked again.
 */
public final class ConnectRest {

    /** An answer other than success. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(String request, int status, String body) {
            super(request + " answered " + status + ": " + body);
            this.status = status;
        }

        /** The HTTP status. */
        public int status() {
            return status;
        }
    }

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(100);
    private static final Duration REBALANCE_TIMEOUT = Duration.ofSeconds(60);
    private static final long RETRY_PAUSE_MS = 100;
    private static final int CONFLICT = 409;
    private static final int FIRST_ERROR = 400;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Supplier<URI> worker;
    private final Duration timeout;

    /**
     * @param worker gives the URL of a live worker; asked before each request
     */
    public ConnectRest(Supplier<URI> worker) {
        this(worker, REQUEST_TIMEOUT);
    }

    /**
     * @param worker gives the URL of a live worker; asked before each request
     * @param timeout how long an answer may take
     */
    public ConnectRest(Supplier<URI> worker, Duration timeout) {
        this.worker = worker;
        this.timeout = timeout;
    }

    /** @throws Refused where the answer is not a success */
    public JsonNode get(String path) {
        return request("GET", path, null);
    }

    /** @throws Refused where the answer is not a success */
    public JsonNode put(String path, @Nullable Object body) {
        return request("PUT", path, body);
    }

    /** @throws Refused where the answer is not a success */
    public JsonNode post(String path, @Nullable Object body) {
        return request("POST", path, body);
    }

    /** @throws Refused where the answer is not a success */
    public JsonNode patch(String path, Object body) {
        return request("PATCH", path, body);
    }

    /** @throws Refused where the answer is not a success */
    public JsonNode delete(String path) {
        return request("DELETE", path, null);
    }

    private JsonNode request(String method, String path, @Nullable Object body) {
        long deadline = System.nanoTime() + REBALANCE_TIMEOUT.toNanos();
        while (true) {
            HttpResponse<String> response = send(method, path, body);
            if (response.statusCode() < FIRST_ERROR) {
                return parsed(response.body());
            }
            if (response.statusCode() != CONFLICT || System.nanoTime() > deadline) {
                throw new Refused(method + " " + path, response.statusCode(), response.body());
            }
            pause();
        }
    }

    private HttpResponse<String> send(String method, String path, @Nullable Object body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(worker.get().resolve(path))
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                    .header("Content-Type", "application/json")
                    .timeout(timeout)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + method + " " + path, e);
        }
    }

    private static JsonNode parsed(String body) {
        if (body.isBlank()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + body, e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the cluster rebalances", e);
        }
    }
}
