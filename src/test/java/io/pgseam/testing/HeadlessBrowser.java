package io.pgseam.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.opentest4j.TestAbortedException;

/**
 * A Chromium from this machine's package {@code chromium}, without a window, that is told by its DevTools protocol what to do. Where the
 * package is missing, tests are skipped.
 */
public final class HeadlessBrowser implements AutoCloseable {

    private static final List<String> PROGRAMS =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();

    /**
     * Starts one with an empty page.
     *
     * @param directory an empty directory, for its profile and log
     * @throws TestAbortedException where there is no browser on this machine
     */
    public HeadlessBrowser(Path directory) throws IOException, InterruptedException {
        String program = PROGRAMS.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new TestAbortedException(
                        "no browser on this machine: the test needs Debian's package chromium"));
        process = new ProcessBuilder(
                        program,
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("browser.log").toFile())
                .start();
        Path portFile = directory.resolve("profile").resolve("DevToolsActivePort");
        try {
            Eventually.holds(
                    "the browser listens",
                    TIMEOUT,
                    () -> Files.exists(portFile)
                            && !Files.readAllLines(portFile).isEmpty());
            String port = Files.readAllLines(portFile).get(0);
            HttpClient client = HttpClient.newHttpClient();
            socket = client.newWebSocketBuilder()
                    .buildAsync(page(client, port), new Listener())
                    .join();
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
        for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
            command(domain + ".enable", JSON.createObjectNode());
        }
    }

    private static URI page(HttpClient client, String port) throws IOException, InterruptedException {
        String targets = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        for (JsonNode target : JSON.readTree(targets)) {
            if (target.path("type").asText().equals("page")) {
                return URI.create(target.path("webSocketDebuggerUrl").asText());
            }
        }
        throw new IllegalStateException("the browser has no page: " + targets);
    }

    /** Opens a file in a window of this size, and waits until it is shown. */
    public void open(Path file, int width, int height, boolean dark) {
        ObjectNode media = JSON.createObjectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", dark ? "dark" : "light");
        command("Emulation.setEmulatedMedia", media);
        command(
                "Emulation.setDeviceMetricsOverride",
                JSON.createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
        events.clear();
        command("Page.navigate", JSON.createObjectNode().put("url", file.toUri().toString()));
        Eventually.holds(
                "the page is loaded",
                TIMEOUT,
                () -> !named("Page.loadEventFired").isEmpty());
    }

    /** The value of an expression in the page. */
    public JsonNode evaluate(String expression) {
        JsonNode answer = command(
                "Runtime.evaluate",
                JSON.createObjectNode().put("expression", expression).put("returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Addresses of everything that the page has asked for. */
    public List<String> requests() {
        return named("Network.requestWillBeSent").stream()
                .map(event -> event.path("request").path("url").asText())
                .toList();
    }

    /** What the browser complains of: messages on its console, of the page and of itself. */
    public List<JsonNode> complaints() {
        List<JsonNode> complaints = new ArrayList<>(named("Runtime.consoleAPICalled"));
        complaints.addAll(named("Runtime.exceptionThrown"));
        complaints.addAll(named("Log.entryAdded"));
        return complaints;
    }

    /** Keeps a picture of the page's upper part, or of all of it if {@code height} is 0. */
    public void screenshot(Path file, int width, int height) throws IOException {
        int all = evaluate("document.documentElement.scrollHeight").asInt();
        ObjectNode options = JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true);
        options.putObject("clip")
                .put("x", 0)
                .put("y", 0)
                .put("width", width)
                .put("height", height == 0 ? all : height)
                .put("scale", 1);
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(command("Page.captureScreenshot", options)
                                .path("data")
                                .asText()));
    }

    private List<JsonNode> named(String method) {
        return events.stream()
                .filter(event -> event.path("method").asText().equals(method))
                .map(event -> event.path("params"))
                .toList();
    }

    private JsonNode command(String method, ObjectNode parameters) {
        int id = commands.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
        command.set("params", parameters);
        socket.sendText(command.toString(), true).join();
        JsonNode received =
                answer.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
        if (received.has("error")) {
            throw new AssertionError(method + ": " + received.path("error"));
        }
        return received.path("result");
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                take(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void take(String text) {
            try {
                JsonNode node = JSON.readTree(text);
                CompletableFuture<JsonNode> answer =
                        answers.remove(node.path("id").asInt(-1));
                if (answer != null) {
                    answer.complete(node);
                } else {
                    events.add(node);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
