package io.pgseam.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Debezium's connector and ours with the same settings on the same tables, and ours once more as it writes the JSON itself. All have the
 * same {@code topic.prefix}, for it names schemas; the topics of the others get another name on the way.
 */
final class Twins implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(180);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NAMES = List.of("-ours", "-bytes", "-theirs");
    private static final String THEIRS = "theirs.";
    private static final String BYTES = "bytes.";
    private static final String JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";

    private final ConnectCluster cluster;
    private final String prefix;

    private Twins(ConnectCluster cluster, String prefix) {
        this.cluster = cluster;
        this.prefix = prefix;
    }

    static Twins start(ConnectCluster cluster, TestDatabase database, String prefix, Map<String, String> settings) {
        Map<String, String> common = ConnectorSettings.source(database.connectionSettings());
        common.put("topic.prefix", prefix);
        common.put("publication.name", "oracle");
        common.put("publication.autocreate.mode", "disabled");
        for (String converter : List.of("key.converter", "value.converter", "header.converter")) {
            common.put(converter, JSON_CONVERTER);
        }
        common.put("provide.transaction.metadata", "true");
        common.put("topic.creation.default.partitions", "1");
        common.put("topic.creation.default.replication.factor", "1");
        common.putAll(settings);

        Map<String, String> theirs = new HashMap<>(common);
        theirs.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        theirs.put("plugin.name", "pgoutput");
        theirs.put("slot.name", prefix + "_theirs");
        rename(theirs, THEIRS);

        Map<String, String> ours = new HashMap<>(common);
        ours.put("connector.class", ConnectorSettings.CLASS);
        ours.put("tasks.max", "1");
        ours.put("output.format", "debezium");
        ours.put("slot.name", prefix + "_ours");
        ours.put("heartbeat.interval.ms", "500");

        Map<String, String> bytes = new HashMap<>(ours);
        bytes.put("slot.name", prefix + "_bytes");
        for (String converter : List.of("key.converter", "value.converter")) {
            bytes.put(converter, "org.apache.kafka.connect.converters.ByteArrayConverter");
        }
        rename(bytes, BYTES);

        cluster.configure(prefix + "-theirs", theirs);
        cluster.configure(prefix + "-bytes", bytes);
        cluster.configure(prefix + "-ours", ours);
        return new Twins(cluster, prefix);
    }

    private static void rename(Map<String, String> settings, String before) {
        settings.put("transforms", "rename");
        settings.put("transforms.rename.type", "org.apache.kafka.connect.transforms.RegexRouter");
        settings.put("transforms.rename.regex", "(.*)");
        settings.put("transforms.rename.replacement", before + "$1");
    }

    static String topic(String prefix, String table) {
        return prefix + "." + table.replaceAll("[^a-zA-Z0-9._-]", "_");
    }

    /** Our records of each table, in their order. */
    Map<String, List<JsonNode>> ours() {
        return read("");
    }

    /** The records of each table whose JSON we write ourselves, in their order; each is what JsonConverter wraps with its schema. */
    Map<String, List<JsonNode>> bytes() {
        return read(BYTES);
    }

    /** Debezium's records of each table, in their order. */
    Map<String, List<JsonNode>> theirs() {
        return read(THEIRS);
    }

    private Map<String, List<JsonNode>> read(String before) {
        Map<String, String> tables = new HashMap<>();
        OracleTables.TABLES.forEach(table -> tables.put(before + topic(prefix, table), table));
        Map<String, List<JsonNode>> records = new HashMap<>();
        OracleTables.TABLES.forEach(table -> records.put(table, new ArrayList<>()));
        try (TopicReader reader =
                TopicReader.of(cluster.bootstrapServers(), tables.keySet().toArray(String[]::new))) {
            reader.readToEnd(record -> records.get(tables.get(record.topic())).add(tree(record)));
        }
        return records;
    }

    /** Waits until both have sent so many records of the table that is changed last. */
    void await(int markers) {
        for (String before : List.of(THEIRS, BYTES, "")) {
            String topic = before + topic(prefix, OracleTables.MARKER);
            Eventually.holds(
                    topic + " has " + markers + " records",
                    TIMEOUT,
                    () -> cluster.topics().contains(topic)
                            && TopicReader.readAll(cluster.bootstrapServers(), topic)
                                            .size()
                                    >= markers,
                    () -> NAMES.stream()
                            .map(name -> cluster.status(prefix + name).toString())
                            .collect(Collectors.joining("\n")));
        }
    }

    private static JsonNode tree(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode tree = JSON.createObjectNode();
        tree.set("key", json(record.key()));
        tree.set("value", json(record.value()));
        ObjectNode headers = tree.putObject("headers");
        for (Header header : record.headers()) {
            headers.set(header.key(), json(header.value()));
        }
        return tree;
    }

    /** Everything that JsonConverter writes is the only JSON text that Jackson has for it: equal trees are equal bytes. */
    private static JsonNode json(byte[] bytes) {
        if (bytes == null) {
            return NullNode.instance;
        }
        try {
            JsonNode json = JSON.readTree(bytes);
            assertThat(JSON.writeValueAsBytes(json)).asString(UTF_8).isEqualTo(new String(bytes, UTF_8));
            return json;
        } catch (IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    @Override
    public void close() {
        NAMES.forEach(name -> cluster.delete(prefix + name));
    }
}
