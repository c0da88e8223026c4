package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.phase.SignalPlace;
import io.pgseam.stream.SignalTopic.Read;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where a topic of signals is read from, on a real broker. */
class SignalTopicIT {

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    private SignalTopic open(String topic, @Nullable SignalPlace from) {
        return SignalTopic.open(
                new SignalTopicSettings(topic, "shop", Map.of("bootstrap.servers", cluster.bootstrapServers())), from);
    }

    private void write(String topic, String... values) throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value.startsWith("other") ? "other" : "shop", value))
                        .get();
            }
        }
    }

    /** Reads until a signal of this value comes. */
    private static List<String> readTo(SignalTopic topic, String last) {
        List<String> read = new ArrayList<>();
        Eventually.holds(
                "signal " + last + " is read",
                () -> {
                    for (Read next = topic.next(); next != null; next = topic.next()) {
                        String value =
                                StandardCharsets.UTF_8.decode(next.value()).toString();
                        read.add(value + "@" + next.next().next());
                        topic.taken();
                        if (value.equals(last)) {
                            return true;
                        }
                    }
                    return false;
                },
                () -> read.toString());
        return read;
    }

    @Test
    void whatIsThereAtFirstIsPassedOverAndWhatFollowsIsReadFromThePlace() throws Exception {
        cluster.createTopic("signals-there", 1);
        write("signals-there", "old");
        try (SignalTopic topic = open("signals-there", new SignalPlace("another-topic", 0))) {
            Eventually.holds("it is known where the topic ends", () -> topic.next() != null);
            write("signals-there", "other 1", "a", "b");
            assertThat(readTo(topic, "b")).containsExactly("@1", "a@3", "b@4");
        }
        write("signals-there", "c");
        try (SignalTopic topic = open("signals-there", new SignalPlace("signals-there", 3))) {
            assertThat(readTo(topic, "c")).containsExactly("b@4", "c@5");
        }
        try (SignalTopic topic = open("signals-there", new SignalPlace("signals-there", 99))) {
            assertThat(readTo(topic, "c")).as("the topic was created again").startsWith("old@1");
        }
    }

    @Test
    void aTopicThatComesLaterIsReadFromItsBeginning() throws Exception {
        try (SignalTopic topic = open("signals-later", null)) {
            Eventually.holds("the topic is missed", () -> topic.next() != null);
            cluster.createTopic("signals-later", 1);
            write("signals-later", "a");
            assertThat(readTo(topic, "a")).containsExactly("@0", "a@1");
        }
    }

    @Test
    void aTopicWithoutOrderIsNotReadAndABrokerThatIsNotThereStopsNobody() {
        cluster.createTopic("signals-many", 2);
        SignalTopic nowhere = SignalTopic.open(
                new SignalTopicSettings("t", "shop", Map.of("bootstrap.servers", "localhost:1")), null);
        SignalTopic wrong =
                SignalTopic.open(new SignalTopicSettings("t", "shop", Map.of("bootstrap.servers", "no port")), null);
        SignalTopic many = open("signals-many", null);
        Eventually.holds("the partitions are seen", () -> many.trouble().contains("2 partitions"));
        Eventually.holds("the address is seen", () -> wrong.trouble().contains("cannot be read"));
        for (SignalTopic topic : List.of(nowhere, wrong, many)) {
            topic.close();
            assertThat(topic.next()).isNull();
        }
    }
}
