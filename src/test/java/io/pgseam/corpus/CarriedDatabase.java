package io.pgseam.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.RunningConnector;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A database on its way: all of its tables through one connector, and compared with the source whenever that is quiet. */
final class CarriedDatabase implements AutoCloseable {

    private static final List<String> SMALL_CHUNKS =
            List.of("snapshot.chunk.size=32kB", "snapshot.stride.size=16kB", "flat.unrepresentable=string");

    /** Every table that rows are published as: with roots, partitioned tables; without, their leaves. */
    private static final String PUBLISHED = """
            SELECT n.nspname || '.' || c.relname, c.oid::regclass::text,
                   CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END || c.oid::regclass::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
              AND CASE WHEN %s THEN c.relkind IN ('r', 'p') AND NOT c.relispartition ELSE c.relkind = 'r' END
            ORDER BY 1""";

    private record Published(String name, String table, String from) {}

    private final ConnectCluster cluster;
    private final TestDatabase database;
    private final RunningConnector connector;
    private final List<Published> tables;
    private final ServerOracle oracle;
    private final Form form;

    /** What messages look like. */
    enum Form {
        /** Flat records, one for each row. */
        FLAT,
        /** Flat rows, many to a message. */
        PACKED,
        /** Debezium's envelope. */
        ENVELOPE
    }

    private static final int BUCKETS = 5;

    private CarriedDatabase(
            ConnectCluster cluster,
            TestDatabase database,
            RunningConnector connector,
            List<Published> tables,
            ServerOracle oracle,
            Form form) {
        this.cluster = cluster;
        this.database = database;
        this.connector = connector;
        this.tables = tables;
        this.oracle = oracle;
        this.form = form;
    }

    /** Starts a connector for every table of a database, with flat records. */
    static CarriedDatabase start(ConnectCluster cluster, TestDatabase database, boolean asRoot) throws Exception {
        return start(cluster, database, asRoot, Form.FLAT);
    }

    /** Starts a connector for every table of a database. */
    static CarriedDatabase start(ConnectCluster cluster, TestDatabase database, boolean asRoot, Form form)
            throws Exception {
        List<Published> tables = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(String.format(PUBLISHED, asRoot))) {
            while (rows.next()) {
                tables.add(new Published(rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
        ServerOracle oracle = new ServerOracle(database);
        List<String> settings = new ArrayList<>(SMALL_CHUNKS);
        settings.add("publish.via.partition.root=" + asRoot);
        switch (form) {
            case FLAT -> {}
            case PACKED ->
                settings.addAll(List.of("flat.pack.bytes=2kB", "flat.pack.buckets=" + BUCKETS, "flat.pack.form=array"));
            case ENVELOPE -> settings.addAll(EnvelopeForm.SETTINGS);
        }
        RunningConnector connector =
                RunningConnector.create(cluster, database, database.name(), settings.toArray(String[]::new));
        return new CarriedDatabase(cluster, database, connector, tables, oracle, form);
    }

    /** Waits until everything is copied. */
    void awaitSeam() {
        connector.awaitSeam();
    }

    /**
     * Waits for the stream, then compares every table with its topic: rows, keys, the order of each key's records, and
     * where the seam says that the copied rows end. The source must be quiet.
     */
    void assertDelivered() throws Exception {
        connector.awaitCaughtUp();
        JsonNode seam = connector.awaitSeam();
        Map<String, String> topics = topics();
        assertThat(topics.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        tables.stream().map(Published::name).toList());
        Map<String, List<ConsumerRecord<byte[], byte[]>>> records = records(topics);
        List<String> failures = new ArrayList<>();
        for (Published table : tables) {
            try {
                List<ConsumerRecord<byte[], byte[]>> ofTable =
                        records.getOrDefault(topics.get(table.name()), List.of());
                Delivered delivered = new Delivered();
                if (form == Form.PACKED) {
                    ofTable = new PackedRows(BUCKETS).of(ofTable, oracle.keyOf(table.table()));
                }
                if (form == Form.ENVELOPE) {
                    EnvelopeForm envelopes = new EnvelopeForm(database, table.table());
                    ofTable.forEach(record -> assertPhase(seam, record, EnvelopeForm.isCopied(record)));
                    ofTable.forEach(record -> envelopes.apply(record, delivered));
                } else {
                    assertOrder(seam, ofTable);
                    ofTable.forEach(delivered::apply);
                }
                oracle.assertDelivered(table.table(), table.from(), delivered.rows());
            } catch (AssertionError e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        assertThat(failures).as("tables of " + database.name()).isEmpty();
    }

    /** By the names as which rows are published. */
    private Map<String, String> topics() {
        Map<String, String> topics = new TreeMap<>();
        connector
                .control("table")
                .forEach(table -> topics.put(
                        table.path("published_as").asText(), table.path("topic").asText()));
        return topics;
    }

    private Map<String, List<ConsumerRecord<byte[], byte[]>>> records(Map<String, String> topics) {
        Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new TreeMap<>();
        try (TopicReader reader =
                TopicReader.of(cluster.bootstrapServers(), topics.values().toArray(String[]::new))) {
            reader.readToEnd(record -> records.computeIfAbsent(record.topic(), topic -> new ArrayList<>())
                    .add(record));
        }
        return records;
    }

    /** Copied rows up to the seam and changes after it; of each key, in the order of commits, and none twice. */
    private static void assertOrder(JsonNode seam, List<ConsumerRecord<byte[], byte[]>> records) {
        Replay replay = new Replay();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            assertPhase(seam, record, new String(record.value(), UTF_8).endsWith("\"__snapshot\":true}"));
            if (record.key() != null) {
                replay.apply(record);
            }
        }
        replay.assertConsistent();
        replay.assertNoDuplicates();
    }

    private static void assertPhase(JsonNode seam, ConsumerRecord<byte[], byte[]> record, boolean copied) {
        long changesFrom = seam.path("topics")
                .path(record.topic())
                .path(String.valueOf(record.partition()))
                .path("changes_from")
                .asLong();
        if (copied != record.offset() < changesFrom) {
            throw new AssertionError((copied ? "a copied row" : "a change") + " at " + record.topic() + "-"
                    + record.partition() + "@" + record.offset() + ", changes begin at " + changesFrom);
        }
    }

    @Override
    public void close() throws Exception {
        connector.close();
        oracle.close();
    }
}
