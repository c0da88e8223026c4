package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy task on a real server, polled by the test: what it reads while the source is altered under its hands. */
class CopyTaskIT {

    private static final int BLOCK = 8192;
    private static final CopySettings SMALL = new CopySettings(16 * BLOCK, 4 * BLOCK, 3_000, 50, 1 << 20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders",
                "ALTER SCHEMA public RENAME TO past; ALTER SCHEMA next RENAME TO public"
            })
    void anotherTableOfTheSameNameIsNeverRead(String swap) throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "orders", 1, 5_000);
            database.execute("CREATE TABLE orders_new (LIKE orders)", "CREATE SCHEMA next");
            database.execute("INSERT INTO orders_new SELECT i, 'new' FROM generate_series(100001, 105000) i");
            database.execute("CREATE TABLE next.orders AS SELECT * FROM orders_new");
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                CopyTask task = fixture.start();
                fixture.pollUntil(task, sent -> !sent.rows("orders").isEmpty());
                database.execute("BEGIN; " + swap + "; COMMIT");
                fixture.pollUntil(task, sent -> !sent.control("misfit").isEmpty());
                JsonNode misfit = fixture.control("misfit").get(0);
                assertThat(misfit.path("reason").asText()).contains("is another table");
                assertThat(ids(fixture, "orders")).allMatch(id -> id <= 5_000);
            }
        }
    }

    @Test
    void rowsBeyondTheEndOfThePlanAreLeftToTheStream() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            fill(database, "growing", 1, 5_000);
            try (CopyFixture fixture = new CopyFixture(database, SMALL)) {
                fill(database, "growing", 5_001, 60_000);
                CopyTask task = fixture.start();
                fixture.pollUntilCopied(task);
                assertThat(ids(fixture, "growing"))
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, 5_000).boxed().toList());
                long planned = fixture.plan().relations().get(0).blocks();
                assertThat(fixture.control("chunk"))
                        .allMatch(chunk -> chunk.path("next_block").asLong() <= planned);
            }
        }
    }

    private static void fill(TestDatabase database, String table, int first, int last) throws SQLException {
        database.execute(
                "CREATE TABLE IF NOT EXISTS " + table + " (id int PRIMARY KEY, note text)",
                "INSERT INTO " + table + " SELECT i, repeat('note ' || i, 10) FROM generate_series(" + first + ", "
                        + last + ") i");
    }

    private static List<Integer> ids(CopyFixture fixture, String table) {
        return fixture.rows(table).stream().map(row -> row.path("id").asInt()).toList();
    }
}
