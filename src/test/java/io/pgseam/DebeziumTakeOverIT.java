package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Debezium's connector runs, is stopped while the application writes, and this one continues in its topics without a copy. */
class DebeziumTakeOverIT extends ConnectorScenario {

    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    /** What a record of the topic and a row of the table have in common. */
    private static final Map<String, String> ROWS = Map.of(
            "public.account",
            "SELECT json_build_object('id', id, 'owner', owner, 'balance', balance::text) FROM account",
            "public.document",
            "SELECT json_build_object('region', region, 'id', id, 'body', body, 'note', note) FROM document",
            "public.event",
            "SELECT json_build_object('id', id, 'payload', payload::text, 'tags', tags, 'seen', seen) FROM event");

    private static final Map<String, List<String>> COLUMNS = Map.of(
            "public.account", List.of("id", "owner", "balance"),
            "public.document", List.of("region", "id", "body", "note"),
            "public.event", List.of("id", "payload", "tags", "seen"));

    /** Which slot is read. */
    enum Slot {
        /** A copy, so that Debezium's connector can continue on its own. */
        COPY,
        DEBEZIUMS
    }

    @Matrix(build = "COPY", nightly = "DEBEZIUMS")
    void nothingIsMissingAndNothingIsCopied(Slot slot) throws Exception {
        TestDatabase database = database(18);
        String theirSlot = "dbz_" + database.name();
        RandomWriter.createTables(database);
        // As Debezium's connector has it, an unchanged large value is a placeholder otherwise.
        database.execute("ALTER TABLE document REPLICA IDENTITY FULL");
        RandomWriter writer = closing(RandomWriter.start(database, 1, 1));
        long sent = stopDebezium(database, theirSlot);
        if (slot == Slot.COPY) {
            database.query("SELECT slot_name FROM pg_copy_logical_replication_slot('" + theirSlot + "', 'pgseam_"
                    + database.name() + "')");
        }

        RunningConnector ours = connector(
                database,
                "output.format=debezium",
                "decimal.handling.mode=string",
                "key.converter=" + JSON,
                "key.converter.schemas.enable=false",
                "value.converter=" + JSON,
                "value.converter.schemas.enable=false",
                "publication.name=" + theirSlot,
                "publication.autocreate.mode=disabled",
                "slot.name=" + (slot == Slot.COPY ? "pgseam_" + database.name() : theirSlot),
                "snapshot.mode=no_data",
                "stream.begin.lsn=" + sent);
        Eventually.holds(
                "this connector streams",
                () -> changes(database, false) > 200,
                () -> ours.status().toString());
        writer.stop();
        ours.awaitCaughtUp();

        assertThat(ours.control("chunk")).as("nothing is copied").isEmpty();
        for (String table : ROWS.keySet()) {
            assertThat(replayed(database, table)).as(table).isEqualTo(rows(database, table));
        }
        Set<Long> both = new HashSet<>(transactions(database, true));
        both.retainAll(transactions(database, false));
        assertThat(both)
                .as("transactions that both sent: the one in which Debezium was stopped")
                .hasSizeLessThan(2);
    }

    /** Lets it stream, stops it while the application writes, and gives its {@code lsn_commit}. */
    private long stopDebezium(TestDatabase database, String slot) {
        String name = "debezium-" + database.name();
        cluster.configure(name, theirs(database, slot));
        long sent;
        try {
            Eventually.holds("Debezium's connector streams", () -> changes(database, true) > 200);
            cluster.stop(name);
            JsonNode offset = cluster.offsets(name).values().iterator().next();
            sent = offset.path("lsn_commit").asLong();
            assertThat(sent).as("in %s", offset).isPositive();
        } finally {
            cluster.delete(name);
        }
        Eventually.holds(
                "the slot is free",
                () -> database.query("SELECT active::text FROM pg_replication_slots WHERE slot_name = '" + slot + "'")
                        .equals(List.of("false")));
        return sent;
    }

    private static Map<String, String> theirs(TestDatabase database, String slot) {
        Map<String, String> settings = new HashMap<>(ConnectorSettings.source(database.connectionSettings()));
        settings.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.put("tasks.max", "1");
        settings.put("topic.prefix", database.name());
        settings.put("plugin.name", "pgoutput");
        settings.put("slot.name", slot);
        settings.put("publication.name", slot);
        settings.put("decimal.handling.mode", "string");
        settings.put("key.converter", JSON);
        settings.put("key.converter.schemas.enable", "false");
        settings.put("value.converter", JSON);
        settings.put("value.converter.schemas.enable", "false");
        settings.put("topic.creation.default.partitions", "3");
        settings.put("topic.creation.default.replication.factor", "1");
        return settings;
    }

    /** The records of a table, by either connector: Debezium's have headers with its context. */
    private List<Change> records(TestDatabase database, String table) {
        String topic = database.name() + "." + table;
        List<Change> changes = new ArrayList<>();
        if (cluster.topics().contains(topic)) {
            for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(cluster.bootstrapServers(), topic)) {
                if (record.value() != null) {
                    boolean theirs = record.headers().lastHeader("__debezium.context.connectorName") != null;
                    changes.add(new Change(ExactJson.of(record.key()), ExactJson.of(record.value()), theirs));
                }
            }
        }
        return changes;
    }

    private List<Change> streamed(TestDatabase database, boolean theirs) {
        return ROWS.keySet().stream()
                .flatMap(table -> records(database, table).stream())
                .filter(change -> change.theirs == theirs && !change.operation().equals("r"))
                .toList();
    }

    private int changes(TestDatabase database, boolean theirs) {
        return streamed(database, theirs).size();
    }

    private Set<Long> transactions(TestDatabase database, boolean theirs) {
        Set<Long> ids = new HashSet<>();
        streamed(database, theirs)
                .forEach(change -> ids.add(change.value.at("/source/txId").asLong()));
        return ids;
    }

    private Set<String> replayed(TestDatabase database, String table) {
        Map<JsonNode, JsonNode> rows = new HashMap<>();
        for (Change change : records(database, table)) {
            if (change.operation().equals("d")) {
                rows.remove(change.key);
            } else {
                rows.put(change.key, change.value.path("after"));
            }
        }
        Set<String> texts = new TreeSet<>();
        rows.values().forEach(row -> texts.add(text(table, row)));
        return texts;
    }

    private static Set<String> rows(TestDatabase database, String table) throws SQLException {
        Set<String> texts = new TreeSet<>();
        for (String row : database.query(ROWS.get(table))) {
            texts.add(text(table, ExactJson.of(row.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        }
        return texts;
    }

    private static String text(String table, JsonNode row) {
        return COLUMNS.get(table).stream()
                .map(column -> row.path(column).toString())
                .toList()
                .toString();
    }

    private record Change(JsonNode key, JsonNode value, boolean theirs) {
        String operation() {
            return value.path("op").asText();
        }
    }
}
