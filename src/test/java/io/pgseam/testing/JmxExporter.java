package io.pgseam.testing;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;

/** The Prometheus JMX exporter in this JVM, as its {@code -javaagent} option starts it. It ends with the JVM. */
public final class JmxExporter {

    private static final Path JAR = Path.of("target", "monitoring", "jmx_prometheus_javaagent.jar");

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI metrics;

    private JmxExporter(URI metrics) {
        this.metrics = metrics;
    }

    /** Starts the exporter with a configuration. */
    public static JmxExporter start(Path configuration) throws IOException, ReflectiveOperationException {
        int port = FreePort.next();
        @SuppressWarnings("resource") // As long as the exporter runs.
        URLClassLoader agent =
                new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
        agent.loadClass("io.prometheus.jmx.JavaAgent")
                .getMethod("premain", String.class, Instrumentation.class)
                .invoke(null, "localhost:" + port + ":" + configuration, null);
        return new JmxExporter(URI.create("http://localhost:" + port + "/metrics"));
    }

    /** The lines of a scrape, comments included. */
    public List<String> scrape() throws IOException, InterruptedException {
        var response = client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("the exporter answers with " + response.statusCode());
        }
        return response.body().lines().toList();
    }
}
