package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import io.pgseam.tool.CommandLineSession.Result;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Runs {@code verify --source} against a streaming connector, before and after somebody has written into its topic by hand. */
final class SourceProofs {

    private final String configuration;
    private final String bootstrapServers;
    private final TestDatabase database;

    SourceProofs(String configuration, String bootstrapServers, TestDatabase database) {
        this.configuration = configuration;
        this.bootstrapServers = bootstrapServers;
        this.database = database;
    }

    private Result verify(String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "verify", configuration, "--bootstrap-server", bootstrapServers, "--source", "--timeout", "90s"));
        arguments.addAll(List.of(options));
        return CommandLineSession.piped().run(arguments.toArray(String[]::new));
    }

    /** @param topic the topic of public.orders, keyed by id, with rows 1 and 2 */
    void run(String topic) throws Exception {
        database.execute(
                "INSERT INTO keyless VALUES ('one'), ('two')",
                "DELETE FROM keyless WHERE note = 'two'",
                "UPDATE orders SET id = -id WHERE id = 3");
        Result sound = verify();
        assertThat(sound.status()).as(sound.toString()).isZero();
        assertThat(sound.out())
                .contains("Verdict: equal. The topics, applied by key, give every table as of LSN ")
                .containsPattern("public\\.keyless +2 +4 +0 +0 +0 +equal")
                .containsPattern("public\\.events_2026 +0 +0 +0 +0 +0 +equal");
        assertThat(database.query("SELECT slot_name FROM pg_replication_slots WHERE temporary"))
                .isEmpty();

        database.execute("CREATE TABLE clash (id int PRIMARY KEY, __op int)", "INSERT INTO clash VALUES (1, 1)");
        Result setAside = verify();
        assertThat(setAside.status()).as(setAside.toString()).isEqualTo(2);
        assertThat(setAside.out())
                .contains(
                        "public.clash: is not captured: a column has the name of a metadata field (__op). To capture it, rename")
                .containsPattern("public\\.orders .* equal");
        database.execute("DROP TABLE clash");
        assertKeylessRowsThatWereSentAgain(topic.replace("orders", "keyless"));
        database.execute("ALTER TABLE orders ADD remark text");
        assertThat(verify("public.orders").status()).as("absent is NULL").isZero();
        database.execute("ALTER TABLE orders DROP remark", "ALTER TABLE orders ADD kind text DEFAULT 'plain'");
        Result older = verify("public.orders");
        assertThat(older.status()).as(older.toString()).isEqualTo(2);
        assertThat(older.out()).contains("19,990 rows that differ were sent before a column was added");
        database.execute("ALTER TABLE orders DROP kind");

        tamper(topic);
        Result tampered = verify("public.orders", "--json");
        assertThat(tampered.status()).as(tampered.toString()).isEqualTo(1);
        JsonNode orders = tampered.json().path("tables").path(0);
        assertThat(orders.path("missing").asLong()).isEqualTo(1);
        assertThat(orders.path("extra").asLong()).isEqualTo(1);
        assertThat(orders.path("different").asLong()).isEqualTo(1);
        assertThat(StreamSupport.stream(orders.path("differences").spliterator(), false)
                        .map(difference -> difference.path("kind").asText() + " "
                                + difference.path("key").asText() + " "
                                + difference.path("offset").isNumber()))
                .containsExactlyInAnyOrder(
                        "missing {\"id\":1} true", "different {\"id\":2} true", "extra {\"id\":99999} true");
    }

    /** A change is known by its place, a copied row only by its values, which another row may have, too. */
    private void assertKeylessRowsThatWereSentAgain(String topic) throws Exception {
        sendAgain(topic, "\"__snapshot\":false");
        Result changes = verify("public.keyless");
        assertThat(changes.status()).as(changes.toString()).isZero();
        assertThat(changes.out()).containsPattern("public\\.keyless +2 +7 +0 +0 +0 +equal");

        sendAgain(topic, "\"__snapshot\":true");
        Result copied = verify("public.keyless");
        assertThat(copied.status()).as(copied.toString()).isEqualTo(2);
        assertThat(copied.out()).contains("a row that was sent twice cannot be told from two equal rows", "not proved");
    }

    private void sendAgain(String topic, String what) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(bootstrapServers, topic)) {
                if (new String(record.value(), StandardCharsets.UTF_8).contains(what)) {
                    producer.send(new ProducerRecord<>(topic, record.partition(), record.key(), record.value()))
                            .get();
                }
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Row 1 is deleted, row 2 altered, and row 99999 added: in the topic only. */
    private void tamper(String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(bootstrapServers, topic)) {
                String value = new String(record.value(), StandardCharsets.UTF_8);
                if (value.startsWith("{\"id\":1,") && value.contains("\"__snapshot\":false")) {
                    send(
                            producer,
                            record,
                            new String(record.key(), StandardCharsets.UTF_8),
                            value.replace("\"__op\":0", "\"__op\":1"));
                } else if (value.startsWith("{\"id\":2,") && value.contains("\"__snapshot\":false")) {
                    send(
                            producer,
                            record,
                            new String(record.key(), StandardCharsets.UTF_8),
                            value.replace("changed", "altered"));
                    send(producer, record, "{\"id\":99999}", value.replace("{\"id\":2,", "{\"id\":99999,"));
                }
            }
        }
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer, ConsumerRecord<byte[], byte[]> like, String key, String value)
            throws Exception {
        producer.send(new ProducerRecord<>(
                        like.topic(),
                        like.partition(),
                        key.getBytes(StandardCharsets.UTF_8),
                        value.getBytes(StandardCharsets.UTF_8)))
                .get();
    }
}
