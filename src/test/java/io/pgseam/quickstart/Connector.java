package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.config.TopicNaming;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectRest;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.ControlTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The connector, as its users deal with it: over REST, and by its control topic. */
final class Connector implements AutoCloseable {

    private final ConnectorClient client;
    private final ControlTopic control;

    Connector(ConnectRest rest, String name, String bootstrapServers, TopicNaming naming) {
        this.client = new ConnectorClient(rest, name);
        this.control = new ControlTopic(bootstrapServers, naming.controlTopic());
    }

    /** What a user would write for this source. */
    static Map<String, String> settings(Source source, TopicNaming naming, List<SourceTable> tables) {
        Map<String, String> settings = ConnectorSettings.of(source.settings(), naming.prefix());
        settings.put(
                "table.include.list",
                tables.stream().map(table -> pattern(table.id().toString())).collect(Collectors.joining(",")));
        settings.put("slot.name", source.slot());
        settings.put("publication.name", source.slot());
        settings.put("publish.via.partition.root", "true");
        // Smaller than the defaults, so that a small database shows chunks and progress too.
        settings.put("snapshot.chunk.size", "8MB");
        settings.put("snapshot.stride.size", "4MB");
        settings.put("flat.metadata.fields", "__op,__lsn,__seq,__snapshot,__ts_ms,__ver,__deleted");
        settings.put("flat.unrepresentable", "string");
        settings.put("exactly.once.support", "required");
        return settings;
    }

    /** A regular expression that matches just this name. */
    private static String pattern(String tableName) {
        return tableName.replaceAll("[^\\p{Alnum}_]", "\\\\$0");
    }

    /** What Connect's validation objects to, each with its setting; empty if it finds no fault. */
    List<String> faults(Map<String, String> settings) {
        List<String> faults = new ArrayList<>();
        client.faults(ConnectorSettings.CLASS, settings)
                .forEach((setting, messages) -> messages.forEach(message -> faults.add(setting + ": " + message)));
        return faults;
    }

    void create(Map<String, String> settings) {
        client.configure(settings);
    }

    /** @throws IllegalStateException if the connector or a task has failed */
    void check() {
        // Just after its creation the worker does not know it yet.
        if (client.isKnown()) {
            ConnectorStatus status = client.status();
            if (status.anyFailed()) {
                throw new IllegalStateException("the connector failed: " + status);
            }
        }
    }

    /** How many rows are copied by the committed offsets. */
    long copiedRows() {
        return client.offsets().values().stream()
                .filter(offset -> offset.has("next_block"))
                .mapToLong(offset -> offset.path("rows").asLong())
                .sum();
    }

    /** Everything committed before this LSN is in Kafka, by the committed offsets. */
    Lsn position() {
        StreamPosition committed = client.position();
        return committed == null ? Lsn.NONE : committed.readFrom();
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
