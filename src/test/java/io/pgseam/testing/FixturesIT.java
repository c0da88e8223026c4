package io.pgseam.testing;

import static io.pgseam.testing.ConnectCluster.Delivery.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The fixtures together: rows of a real table, records of a real topic, and whether they are the same. */
class FixturesIT {

    private static final String TABLE = "\"Größe\"";

    private static final String ROW = """
            {"id":7,"b":true,"i":-32768,"l":9223372036854775807,"r":1.5,"d":0.1,"n":"12.3400","t":"ä \\"q\\" \\\\",\
            "c":"ab  ","u":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","dt":"2024-02-29","ts":"2024-02-29 23:59:59.5",\
            "tz":"2024-02-29 22:59:59","j":{"b":[1.0,null],"a":"x"},"by":"AP9B","a":["x","a,\\"b",null],"ai":[[1,2],[3,4]],\
            "m":"happy","dom":5,"nul":null""";

    private static void createTable(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                "CREATE TABLE " + TABLE
                        + " (id int, b bool, i int2, l int8, r float4, d float8, n numeric(10,4), t text,"
                        + " c char(4), u uuid, dt date, ts timestamp, tz timestamptz, j jsonb, by bytea, a text[],"
                        + " ai int[], m mood, dom positive, nul text, gen int GENERATED ALWAYS AS (id + 1) STORED,"
                        + " \"Schlüssel\" text, PRIMARY KEY (\"Schlüssel\", id))",
                "INSERT INTO " + TABLE + " VALUES (7, true, -32768, 9223372036854775807, 1.5, 0.1, 12.34,"
                        + " E'ä \"q\" \\\\', 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29',"
                        + " '2024-02-29 23:59:59.5', '2024-02-29 23:59:59+01', '{\"a\": \"x\", \"b\": [1.0, null]}',"
                        + " '\\x00ff41', ARRAY['x', 'a,\"b', NULL], '{{1,2},{3,4}}', 'happy', 5, NULL, DEFAULT, 'k')");
    }

    private static void write(ConnectCluster cluster, String topic, String key, String value)
            throws InterruptedException, ExecutionException {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
    }

    private static String record(String extraFields) {
        return ROW + extraFields + ",\"__op\":0,\"__lsn\":1,\"__seq\":0,\"__snapshot\":true}";
    }

    @Matrix(
            build = "18",
            nightly = {"14", "15"})
    void tellsWhetherATopicHoldsWhatTheTableHolds(int version) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, EXACTLY_ONCE);
        String key = "{\"Schlüssel\":\"k\",\"id\":7}";
        String good = "fixtures.good." + version;
        String bad = "fixtures.bad." + version;
        cluster.createTopic(good, 2);
        cluster.createTopic(bad, 2);
        write(cluster, good, key, record(",\"Schlüssel\":\"k\""));
        write(cluster, bad, key, record(",\"Schlüssel\":\"k\",\"gen\":8").replace("\"12.3400\"", "12.34"));
        write(cluster, bad, key.replace("7", "8"), record(",\"Schlüssel\":\"k\""));
        try (TestDatabase database = PostgresServer.shared(version).createDatabase();
                Connection connection = database.connect()) {
            createTable(database);
            SourceTruth truth = new SourceTruth(connection);
            Replay goodReplay = new Replay().apply(TopicReader.readAll(cluster.bootstrapServers(), good));
            truth.assertReplayed(TABLE, goodReplay, good);
            assertThatThrownBy(() -> truth.assertReplayed(TABLE, Set.of("nul"), goodReplay, good))
                    .hasMessageContaining("unexpected field nul");
            database.execute("INSERT INTO " + TABLE + " (id, \"Schlüssel\") VALUES (9, 'missing')");

            Replay badReplay = new Replay().apply(TopicReader.readAll(cluster.bootstrapServers(), bad));
            assertThatThrownBy(() -> truth.assertReplayed(TABLE, badReplay, bad))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll(
                            "1 missing, 1 ghosts, 1 different",
                            "missing [missing, 9]",
                            "ghost [k, 8]",
                            "n is <12.3400>, replayed <not a string: 12.34>",
                            "unexpected field gen");
        }
    }

    @Matrix(
            build = "18",
            nightly = {"14", "15"})
    void seesTheTruthOfAnExportedSnapshot(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase();
                Connection exporter = database.connect();
                Connection importer = database.connect()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
            exporter.setAutoCommit(false);
            exporter.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            String snapshot;
            try (ResultSet row = exporter.createStatement().executeQuery("SELECT pg_export_snapshot()")) {
                row.next();
                snapshot = row.getString(1);
            }
            database.execute("INSERT INTO t VALUES (2)");
            SourceTruth atSnapshot = SourceTruth.atSnapshot(importer, snapshot);
            assertThat(atSnapshot.count("t")).isEqualTo(1);
            assertThat(atSnapshot.read("t", Set.of()).rows()).containsOnlyKeys(List.of(List.of("1")));
            importer.rollback();
            assertThat(database.queryOne("SELECT count(*) FROM t")).isEqualTo("2");
        }
    }
}
