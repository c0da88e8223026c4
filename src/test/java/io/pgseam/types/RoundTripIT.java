package io.pgseam.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.RunningConnector;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Values of every type, copied and streamed, and then PostgreSQL itself is asked whether what was delivered is what is stored.
 *
 * <p>Each row is written twice: before the copy, and by the server itself from the first one while the stream runs. So both
 * phases have to deliver the same bytes for it (invariant I6).
 */
class RoundTripIT {

    /** Rows of each phase: so many values has each type. */
    private static final int ROWS = Integer.getInteger("pgseam.values", 1_000);

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Matrix(build = "18", nightly = "14")
    void everyValueOfEveryTypeArrivesInBothPhases(int version) throws Exception {
        Random random = Seed.random(RoundTripIT.class);
        try (TestDatabase database = PostgresServer.shared(version).createDatabase("round_trip_" + version)) {
            database.execute(TypeDefinitions.STATEMENTS.toArray(String[]::new));
            List<SampleType> types = EveryType.of(version, hasXml(database));
            Judge judge = new Judge(database, types);
            judge.createTable();
            judge.fill(random, ROWS);
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "table.include.list=public.samples",
                    "flat.unrepresentable=string")) {
                connector.awaitSeam();
                database.execute("INSERT INTO samples SELECT id + " + ROWS + judge.columns() + " FROM samples");
                connector.awaitCaughtUp();
                Map<Integer, List<String>> delivered = delivered(connector);
                for (int id = 0; id < ROWS; id++) {
                    assertThat(delivered.get(id + ROWS))
                            .as("streamed row, seen from copied row %d", id)
                            .isEqualTo(delivered.get(id));
                }
                assertThat(judge.problems(delivered)).isEmpty();
            }
        }
    }

    private static boolean hasXml(TestDatabase database) {
        try {
            database.execute("SELECT '<a/>'::xml");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The JSON of each column of each row, as it stands in the values, by the row's id. */
    private Map<Integer, List<String>> delivered(RunningConnector connector) throws IOException {
        Map<Integer, List<String>> rows = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : connector.records("public.samples")) {
            Map<String, String> fields = JsonFields.of(record.value());
            String id = fields.remove("id");
            assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("{\"id\":" + id + "}");
            assertThat(fields.remove("__snapshot")).isEqualTo(String.valueOf(Integer.parseInt(id) < ROWS));
            fields.keySet().removeIf(name -> name.startsWith("__"));
            assertThat(rows.put(Integer.parseInt(id), new ArrayList<>(fields.values())))
                    .as("row " + id)
                    .isNull();
        }
        assertThat(rows).hasSize(2 * ROWS);
        return rows;
    }
}
