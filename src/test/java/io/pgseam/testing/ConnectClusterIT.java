package io.pgseam.testing;

import static io.pgseam.testing.ConnectCluster.Delivery.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ConnectClusterIT {

    private static final String SAMPLE = SampleSourceConnector.class.getName();

    private static Map<String, String> sample(String topic, String rows) {
        Map<String, String> settings = new HashMap<>();
        settings.put("connector.class", SAMPLE);
        settings.put("tasks.max", "1");
        settings.put("topic", topic);
        settings.put("rows", rows);
        settings.put("topic.creation.default.partitions", "3");
        settings.put("topic.creation.default.replication.factor", "1");
        return settings;
    }

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void runsAConnectorWhoseRecordsCanBeReplayed(ConnectCluster.Delivery delivery) {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        cluster.configure("sample", sample("sample.rows", "1000"));
        cluster.awaitRunning("sample", 1);
        Replay replay = new Replay();
        try (TopicReader reader = TopicReader.of(cluster.bootstrapServers(), "sample.rows")) {
            Eventually.holds(
                    "1000 rows are there",
                    () -> replay.apply(reader.readToEnd()).rows("sample.rows").size() == 1000);
        }
        assertThat(cluster.topics()).contains("sample.rows");
        replay.assertConsistent();
        replay.assertNoDuplicates();
        Eventually.holds(
                "the offset is committed",
                () -> cluster.offsets("sample").values().stream()
                        .anyMatch(offset -> offset.path("written").asLong() == 1000));

        Replay half = new Replay()
                .applyBefore(
                        Map.of(new TopicPartition("sample.rows", 0), 10L, new TopicPartition("sample.rows", 1), 5L),
                        TopicReader.readAll(cluster.bootstrapServers(), "sample.rows"));
        assertThat(half.rows("sample.rows")).hasSizeBetween(13, 15);

        cluster.pause("sample");
        cluster.resume("sample");
        cluster.awaitRunning("sample", 1);
        cluster.stop("sample");
        cluster.resume("sample");
        cluster.awaitRunning("sample", 1);
        cluster.restart("sample");
        cluster.awaitRunning("sample", 1);
        cluster.delete("sample");
        cluster.delete("sample");
    }

    @Test
    void reportsErrorsOfAConfigurationByTheirSetting() {
        ConnectCluster cluster = ConnectCluster.shared(1, EXACTLY_ONCE);
        Map<String, String> settings = sample("sample.invalid", "many");
        settings.remove("topic");
        assertThat(cluster.validate(SAMPLE, settings)).containsOnlyKeys("rows", "topic");
        assertThat(cluster.validate("SampleSourceConnector", sample("sample.valid", "1")))
                .isEmpty();
        assertThatThrownBy(() -> cluster.configure("sample-invalid", settings))
                .isInstanceOfSatisfying(
                        ConnectRest.Refused.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void givesTheTraceOfAConnectorThatFails() {
        ConnectCluster cluster = ConnectCluster.shared(1, EXACTLY_ONCE);
        Map<String, String> settings = sample("sample.failing", "0");
        settings.put("fail", "true");
        cluster.configure("sample-failing", settings);
        assertThat(cluster.awaitFailed("sample-failing").traces()).contains("fails as it was told");
        assertThatThrownBy(() -> cluster.awaitRunning("sample-failing", 1))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("fails as it was told");
        cluster.delete("sample-failing");
    }

    @Test
    void spreadsTasksOverThreeWorkersAndMovesThemWhenOneGoes() {
        ConnectCluster cluster = ConnectCluster.shared(3, EXACTLY_ONCE);
        try {
            Map<String, String> settings = sample("sample.spread", "0");
            settings.put("tasks.max", "6");
            cluster.configure("sample-spread", settings);
            cluster.awaitRunning("sample-spread", 6);
            assertThat(workersOf(cluster)).hasSize(3);
            URI gone = cluster.workers().get(0);
            cluster.removeWorker(gone);
            cluster.awaitStatus(
                    "sample-spread",
                    "runs without " + gone,
                    status -> status.allRunning() && !workersOf(cluster).contains(gone.getAuthority()));
            cluster.addWorker();
            cluster.awaitStatus(
                    "sample-spread",
                    "runs on three workers again",
                    status -> status.allRunning() && workersOf(cluster).size() == 3);
        } finally {
            cluster.delete("sample-spread");
            cluster.restoreWorkers();
        }
    }

    private static Set<String> workersOf(ConnectCluster cluster) {
        ConnectorStatus status = cluster.status("sample-spread");
        Set<String> workers = new HashSet<>();
        workers.addAll(status.tasks().stream().map(ConnectorStatus.Part::worker).collect(Collectors.toSet()));
        return workers;
    }
}
