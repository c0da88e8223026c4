package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.config.TopicNaming;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.ControlTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The connector, as its users deal with it: over REST, and by its control topic. */
final class Connector implements AutoCloseable {

    static final String CLASS = "io.pgseam.PgSeamSourceConnector";
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    private static final int NOT_FOUND = 404;

    private final ConnectRest rest;
    private final String name;
    private final ControlTopic control;

    Connector(ConnectRest rest, String name, String bootstrapServers, TopicNaming naming) {
        this.rest = rest;
        this.name = name;
        this.control = new ControlTopic(bootstrapServers, naming.controlTopic());
    }

    /** What a user would write for this source. */
    static Map<String, String> settings(Source source, TopicNaming naming, List<SourceTable> tables) {
        ConnectionSettings connection = source.settings();
        Map<String, String> settings = new TreeMap<>();
        settings.put("connector.class", CLASS);
        settings.put("tasks.max", "2");
        settings.put("database.hostname", connection.hostname());
        settings.put("database.port", String.valueOf(connection.port()));
        settings.put("database.user", connection.user());
        settings.put("database.password", connection.password());
        settings.put("database.dbname", connection.database());
        connection.driverProperties().forEach((key, value) -> settings.put("database." + key, value));
        settings.put("topic.prefix", naming.prefix());
        settings.put(
                "table.include.list",
                tables.stream().map(table -> pattern(table.id().toString())).collect(Collectors.joining(",")));
        settings.put("slot.name", source.slot());
        settings.put("publication.name", source.slot());
        settings.put("publish.via.partition.root", "true");
        // Smaller than the defaults, so that a small database shows chunks and progress too.
        settings.put("snapshot.chunk.size", "8MB");
        settings.put("snapshot.stride.size", "4MB");
        settings.put("heartbeat.interval.ms", "500");
        settings.put("flat.metadata.fields", "__op,__lsn,__seq,__snapshot,__ts_ms");
        settings.put("flat.unrepresentable", "string");
        settings.put("key.converter", BYTES);
        settings.put("value.converter", BYTES);
        settings.put("exactly.once.support", "required");
        settings.put("transaction.boundary", "connector");
        settings.put("topic.creation.default.partitions", "3");
        settings.put("topic.creation.default.replication.factor", "1");
        return settings;
    }

    /** A regular expression that matches just this name. */
    private static String pattern(String tableName) {
        return tableName.replaceAll("[^\\p{Alnum}_]", "\\\\$0");
    }

    /** What Connect's validation objects to, each with its setting; empty where nothing. */
    List<String> faults(Map<String, String> settings) {
        Map<String, String> named = new TreeMap<>(settings);
        named.put("name", name);
        List<String> faults = new ArrayList<>();
        for (JsonNode config : rest.put("/connector-plugins/" + CLASS + "/config/validate", named)
                .path("configs")) {
            JsonNode value = config.path("value");
            value.path("errors").forEach(error -> faults.add(value.path("name").asText() + ": " + error.asText()));
        }
        return faults;
    }

    void create(Map<String, String> settings) {
        rest.put("/connectors/" + name + "/config", settings);
    }

    /** @throws IllegalStateException where the connector or a task has failed */
    void check() {
        JsonNode answer;
        try {
            answer = rest.get("/connectors/" + name + "/status");
        } catch (ConnectRest.Refused e) {
            if (e.status() == NOT_FOUND) {
                return; // just created: the worker has not begun with it
            }
            throw e;
        }
        ConnectorStatus status = ConnectorStatus.of(answer);
        if (status.anyFailed()) {
            throw new IllegalStateException("the connector failed: " + status);
        }
    }

    /** How many rows are copied by the committed offsets. */
    long copiedRows() {
        long rows = 0;
        for (JsonNode entry : offsets()) {
            if (entry.path("offset").has("next_block")) {
                rows += entry.path("offset").path("rows").asLong();
            }
        }
        return rows;
    }

    /** Everything committed before this LSN is in Kafka, by the committed offsets. */
    Lsn position() {
        for (JsonNode entry : offsets()) {
            if (entry.path("partition").size() == 1 && entry.path("offset").has("lsn")) {
                return Lsn.parse(entry.path("offset").path("lsn").asText());
            }
        }
        return Lsn.NONE;
    }

    private JsonNode offsets() {
        return rest.get("/connectors/" + name + "/offsets").path("offsets");
    }

    /** The control topic's newest record of the seam; null while there is none. */
    @Nullable
    JsonNode seam() {
        control.follow();
        List<JsonNode> seams = control.ofType("seam");
        return seams.isEmpty() ? null : seams.get(seams.size() - 1);
    }

    @Override
    public void close() {
        control.close();
    }
}
