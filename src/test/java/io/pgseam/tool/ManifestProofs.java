package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.tool.CommandLineSession.Result;
import io.pgseam.tool.TamperedTopics.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Runs {@code verify} against what a connector has sent, and against copies of it that differ by one message. */
final class ManifestProofs {

    /** Writes the configuration of a connector. */
    @FunctionalInterface
    interface Configuration {
        String file(String prefix) throws IOException;
    }

    private final Configuration configuration;
    private final String[] kafka;
    private final Path directory;

    /**
     * @param configuration gives the path of a configuration with this {@code topic.prefix}
     * @param kafka the options by which a command finds Kafka
     */
    ManifestProofs(Configuration configuration, String[] kafka, Path directory) {
        this.configuration = configuration;
        this.kafka = kafka.clone();
        this.directory = directory;
    }

    private Result verify(String prefix, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("verify", configuration.file(prefix)));
        arguments.addAll(List.of(kafka));
        arguments.addAll(List.of(options));
        return CommandLineSession.piped().run(arguments.toArray(String[]::new));
    }

    /** The manifests hold for what the connector has sent, and for nothing that differs from it by a message. */
    void run(String prefix, ConnectCluster cluster) throws IOException {
        assertSound(prefix);
        TamperedTopics topics = new TamperedTopics(cluster, prefix, Set.of("public.orders", "public.keyless"));
        assertTamperedIsSeen(topics);
    }

    private void assertSound(String prefix) throws IOException {
        Path state = directory.resolve("verify.state");
        Result sound = verify(prefix, "--to-end", "--state", state.toString(), "--json");
        assertThat(sound.status()).as(sound.toString()).isZero();
        assertThat(sound.json().path("verdict").asText()).isEqualTo("equal");
        assertThat(sound.json().path("blocks_covered").asLong())
                .isEqualTo(sound.json().path("blocks").asLong())
                .isPositive();
        assertThat(topic(sound.json(), "public.orders").path("rows_found").asLong())
                .isEqualTo(20_000);
        assertThat(topic(sound.json(), "public.orders").path("changes").asLong())
                .as("100 updates and 10 deletes")
                .isEqualTo(110);
        assertThat(Files.readAllLines(state)).as("a line for each partition").hasSizeGreaterThanOrEqualTo(4);
        String kept = Files.readString(state);
        assertThat(verify(prefix, "--to-end", "--state", state.toString()).out())
                .contains("Verdict: equal. The topics have every row of the copy as of LSN ");
        assertThat(Files.readString(state)).as("nothing is read again").isEqualTo(kept);
    }

    private void assertTamperedIsSeen(TamperedTopics topics) throws IOException {
        UnaryOperator<List<Message>> nothing = messages -> messages;
        String orders = "public.orders";
        assertCopy(topics.copy(orders, nothing, record -> true), 0, "Verdict: equal");
        assertCopy(topics.copy(orders, without(77), record -> true), 1, "1 row missing", "partition 0 has");
        assertCopy(
                topics.copy(
                        orders,
                        with(77, message -> message.withValue(message.text().replace("customer", "Customer"))),
                        r -> true),
                1,
                "as many rows as claimed, but other keys or values",
                "partition 0 has");
        assertCopy(topics.copy(orders, twice(77), record -> true), 0, "           1      110  equal");
        assertCopy(
                topics.copy(
                        orders,
                        with(
                                twice(77),
                                77,
                                message -> message.withValue(message.text().replace("customer", "Customer"))),
                        record -> true),
                1,
                "1 row more than claimed, which are no repetitions of others");
        assertCopy(
                topics.copy(orders, with(77, message -> message.inPartition(1)), record -> true),
                1,
                "partition 0 has",
                "partition 1 has");
        assertCopy(
                topics.copy(orders, with(77, message -> message.withValue("{\"id\":1")), record -> true),
                1,
                "partition 0, offset 77 is no row of pgseam: ");
        assertCopy(
                topics.copy(
                        orders,
                        nothing,
                        record -> !record.contains("\"type\":\"chunk\"") || record.contains("keyless")),
                2,
                " of public.orders (0 of 1 chunk)");
        String late = topics.copy(orders, messages -> withLateRow(messages), record -> true);
        assertThat(verify(late).status()).isZero();
        assertCopy(late, 1, "has a row that was copied at ", "after a change of ");
    }

    private void assertCopy(String prefix, int status, String... says) throws IOException {
        // To the end: offsets in a copy are not those of the manifests.
        Result result = verify(prefix, "--to-end");
        assertThat(result.status()).as(result.toString()).isEqualTo(status);
        assertThat(result.out()).contains(says);
    }

    private JsonNode topic(JsonNode result, String table) {
        for (JsonNode topic : result.path("topics")) {
            if (topic.path("topic").asText().endsWith("." + table)) {
                return topic;
            }
        }
        throw new AssertionError(table + " is not in " + result);
    }

    private static UnaryOperator<List<Message>> without(int index) {
        return messages -> {
            messages.remove(index);
            return messages;
        };
    }

    private static UnaryOperator<List<Message>> with(int index, UnaryOperator<Message> altered) {
        return messages -> {
            messages.set(index, altered.apply(messages.get(index)));
            return messages;
        };
    }

    private static UnaryOperator<List<Message>> with(
            UnaryOperator<List<Message>> first, int index, UnaryOperator<Message> altered) {
        return messages -> with(index, altered).apply(first.apply(messages));
    }

    private static UnaryOperator<List<Message>> twice(int index) {
        return messages -> {
            messages.add(index, messages.get(index));
            return messages;
        };
    }

    /** A copied row once more, behind the changes. */
    private static List<Message> withLateRow(List<Message> messages) {
        messages.add(messages.get(messages.size() - 1)
                .withValue(messages.get(0).text())
                .inPartition(0));
        return messages;
    }
}
