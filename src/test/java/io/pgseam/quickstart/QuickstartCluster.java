package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectWorker;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.WorkerSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;

/** A Kafka broker in this JVM, and a Connect worker in its own that has the plugin archive installed. */
final class QuickstartCluster {

    private final EmbeddedKafkaCluster kafka;
    private final ConnectWorker worker;
    private final String version;

    private QuickstartCluster(EmbeddedKafkaCluster kafka, ConnectWorker worker, String version) {
        this.kafka = kafka;
        this.worker = worker;
        this.version = version;
    }

    /**
     * Starts both; returns when the worker answers and has the connector of the archive's version.
     *
     * @throws IllegalStateException where the worker has not found the connector
     */
    static QuickstartCluster start(Options options, Cleanup cleanup) throws IOException {
        Path directory = Files.createTempDirectory("pgseam-quickstart-");
        cleanup.add("delete " + directory, () -> PluginArchive.delete(directory));
        EmbeddedKafkaCluster kafka = new EmbeddedKafkaCluster(1, ConnectCluster.brokerSettings());
        kafka.start();
        cleanup.add("stop Kafka", kafka::stop);
        WorkerSetup setup =
                WorkerSetup.install(kafka.bootstrapServers(), options.archive(), directory, Map.of(), List.of());
        ConnectWorker worker = ConnectWorker.launch(setup, directory, options.log());
        cleanup.add("stop the Connect worker", worker::stop);
        worker.awaitReady();
        QuickstartCluster cluster = new QuickstartCluster(kafka, worker, installedVersion(worker));
        if (!cluster.version.equals(options.version())) {
            throw new IllegalStateException("the worker has version " + cluster.version + " of the connector, not "
                    + options.version() + " of " + options.archive().getFileName());
        }
        return cluster;
    }

    private static String installedVersion(ConnectWorker worker) {
        for (JsonNode plugin : worker.rest().get("/connector-plugins")) {
            if (plugin.path("class").asText().equals(ConnectorSettings.CLASS)) {
                return plugin.path("version").asText();
            }
        }
        throw new IllegalStateException("the worker found no " + ConnectorSettings.CLASS + " in its plugin.path");
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    ConnectWorker worker() {
        return worker;
    }

    /** The version of the connector that the worker has loaded. */
    String version() {
        return version;
    }
}
