package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Types that are gone, with their tables, by the time the stream reads rows that have them. */
class GoneTypesIT extends ConnectorScenario {

    @ParameterizedTest
    @ValueSource(strings = {"flat", "debezium"})
    void theirValuesAreTextAndNothingStops(String format) throws Exception {
        boolean flat = format.equals("flat");
        String converter = flat
                ? "org.apache.kafka.connect.converters.ByteArrayConverter"
                : "org.apache.kafka.connect.json.JsonConverter";
        TestDatabase database = database(18);
        database.execute("CREATE TABLE kept (id int PRIMARY KEY)");
        RunningConnector connector = connector(
                database,
                "publication.autocreate.mode=all_tables",
                "output.format=" + format,
                "key.converter=" + converter,
                "value.converter=" + converter,
                "key.converter.schemas.enable=false",
                "value.converter.schemas.enable=false");
        connector.awaitSeam();
        connector.stop();
        database.execute(
                "CREATE DOMAIN short_lived AS int4",
                "CREATE TYPE mood AS ENUM ('glad', 'sad')",
                "CREATE TABLE t (id short_lived PRIMARY KEY, v mood, n int)",
                "INSERT INTO t VALUES (1, 'glad', 7)",
                "UPDATE t SET id = 2, v = 'sad'",
                "DELETE FROM t",
                "DROP TABLE t",
                "DROP DOMAIN short_lived",
                "DROP TYPE mood",
                "INSERT INTO kept VALUES (1)");
        connector.resume();
        connector.awaitCaughtUp();
        assertThat(connector.status().allRunning()).isTrue();

        List<ConsumerRecord<byte[], byte[]>> records =
                TopicReader.readAll(cluster.bootstrapServers(), connector.topic("public.t"));
        assertThat(records.stream().map(record -> text(record.key()))).contains("{\"id\":\"1\"}", "{\"id\":\"2\"}");
        assertThat(records.stream().map(record -> text(record.value())))
                .anyMatch(value -> value.contains("\"v\":\"glad\"") && value.contains("\"n\":7"));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }
}
