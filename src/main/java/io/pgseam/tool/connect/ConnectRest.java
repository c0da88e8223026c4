package io.pgseam.tool.connect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Connect's REST interface. */
public final class ConnectRest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI url;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    /** @param url address of a worker, with {@code user:password@} if it wants them */
    public ConnectRest(URI url) {
        this.url = url;
    }

    /**
     * The state of a connector.
     *
     * @throws CommandFailure if Connect does not answer, or has no such connector
     */
    public ConnectorState state(String connector) {
        JsonNode status = get("/connectors/"
                + URLEncoder.encode(connector, StandardCharsets.UTF_8).replace("+", "%20") + "/status");
        List<ConnectorState.Task> tasks = new ArrayList<>();
        status.path("tasks")
                .forEach(task -> tasks.add(new ConnectorState.Task(
                        task.path("id").asInt(),
                        task.path("state").asText(),
                        task.path("worker_id").asText(),
                        firstLine(task.path("trace").asText("")))));
        JsonNode itself = status.path("connector");
        return new ConnectorState(
                itself.path("state").asText(),
                itself.path("worker_id").asText(),
                firstLine(itself.path("trace").asText("")),
                tasks);
    }

    private static String firstLine(String trace) {
        return trace.lines().findFirst().orElse("");
    }

    private JsonNode get(String path) {
        if (url.getScheme() == null || url.getHost() == null) {
            throw new CommandFailure(url + " is no address of Connect: give one such as http://localhost:8083");
        }
        String address = withoutUser();
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(address + " is no address of Connect: give one such as http://localhost:8083", e);
        }
        if (url.getUserInfo() != null) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(url.getUserInfo().getBytes(StandardCharsets.UTF_8)));
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == NOT_FOUND) {
                throw new CommandFailure("Connect at " + address + " has no such connector (" + path
                        + "): give its name with --connector");
            }
            if (response.statusCode() != OK) {
                throw new CommandFailure(
                        "Connect at " + address + " answered " + response.statusCode() + " to " + path);
            }
            return JSON.readTree(response.body());
        } catch (ConnectException e) {
            throw new CommandFailure(
                    "nothing accepts connections at " + address
                            + ": check --connect, and that a worker of Connect runs there",
                    e);
        } catch (HttpTimeoutException e) {
            throw new CommandFailure(
                    "Connect at " + address + " has not answered within " + TIMEOUT.toSeconds() + " s: check --connect",
                    e);
        } catch (JsonProcessingException e) {
            throw new CommandFailure("what answers at " + address + " is not Connect: check --connect", e);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot ask Connect at " + address + " (" + e.getMessage()
                            + "): check --connect, and whether it is http or https",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private String withoutUser() {
        String address = url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
        return address + (url.getPath() == null ? "" : url.getPath().replaceAll("/+$", ""));
    }
}
