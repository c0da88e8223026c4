package io.pgseam.tool.input;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach Kafka: a connector's configuration does not say. */
public final class KafkaOptions {

    private static final String BOOTSTRAP = "bootstrap.servers";

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:PGSEAM_BOOTSTRAP_SERVER}",
            description =
                    "Kafka's brokers. By default the environment variable PGSEAM_BOOTSTRAP_SERVER, or bootstrap.servers in"
                            + " the file of --command-config.")
    private @Nullable String bootstrapServer;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of Kafka's clients, such as security.protocol and sasl.jaas.config.")
    private @Nullable Path commandConfig;

    /**
     * Properties for Kafka's clients, {@code bootstrap.servers} among them.
     *
     * @throws CommandFailure if the brokers are unknown, or the file cannot be read
     */
    public Map<String, Object> clientProperties() {
        Map<String, Object> properties = new HashMap<>();
        if (commandConfig != null) {
            Properties file = new Properties();
            try (InputStream stream = Files.newInputStream(commandConfig)) {
                file.load(stream);
            } catch (IOException e) {
                throw new CommandFailure(
                        "cannot read the properties of Kafka's clients from " + commandConfig + ": "
                                + FileFailures.reason(e),
                        e);
            }
            file.stringPropertyNames().forEach(name -> properties.put(name, file.getProperty(name)));
        }
        if (bootstrapServer != null && !bootstrapServer.isBlank()) {
            properties.put(BOOTSTRAP, bootstrapServer);
        }
        if (!properties.containsKey(BOOTSTRAP)) {
            throw new CommandFailure("which Kafka? Give --bootstrap-server HOST:PORT, or set PGSEAM_BOOTSTRAP_SERVER");
        }
        return properties;
    }

    /**
     * Kafka's brokers.
     *
     * @throws CommandFailure as of {@link #clientProperties}
     */
    public String brokers() {
        return String.valueOf(clientProperties().get(BOOTSTRAP));
    }
}
