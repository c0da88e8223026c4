package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.MajorUpgrade;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PostgreSQL 17 is upgraded to 18 with the connector's slot, as {@code pg_upgrade} does it. */
class MajorUpgradeIT extends ConnectorScenario {

    private static final List<String> TABLES = List.of("orders", "customer");

    @Test
    void continuesAtTheMigratedSlotWithoutACopy() throws Exception {
        PostgresServer old = closing(PostgresServer.start(17));
        TestDatabase database = database(
                old,
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text)",
                "CREATE TABLE customer (region text, id int, note text, PRIMARY KEY (region, id))",
                "INSERT INTO orders SELECT i, 'copied' FROM generate_series(1, 1000) i",
                "INSERT INTO customer SELECT 'nord', i, 'copied' FROM generate_series(1, 100) i");
        RunningConnector connector = connector(database, "table.check.interval.ms=500");
        connector.awaitSeam();
        database.execute("UPDATE orders SET note = 'before the upgrade' WHERE id <= 5");
        connector.awaitReplayed("public.orders", "public.customer");
        connector.stop();
        Lsn sent = connector.position();

        PostgresServer next = closing(PostgresServer.start(18));
        TestDatabase upgraded = MajorUpgrade.run(database, next, TABLES, "pgseam_" + database.name());
        Lsn begin = upgraded.confirmed();
        assertThat(begin.isAfter(sent)).isTrue();
        upgraded.execute("INSERT INTO orders VALUES (2000, 'after the upgrade')");
        connector.sourceIsNow(upgraded);
        connector.change("database.port", String.valueOf(next.port()));
        connector.resume();
        // Nobody has said yet that nothing is missing.
        assertThat(connector.awaitFailure()).contains("confirmed up to " + begin, "set slot.continue.lsn to " + begin);

        connector.change("slot.continue.lsn", begin.toString());
        Replay all = connector.awaitReplayed("public.orders", "public.customer");
        assertThat(all.snapshotRows()).as("nothing is copied again").isEqualTo(1_100);
        assertThat(all.changes()).isEqualTo(6);
        assertThat(connector.control("republished")).isEmpty();
        JsonNode continued = connector.control("continued").get(0);
        assertThat(continued.path("to_lsn").asText()).isEqualTo(begin.toString());
        assertThat(Lsn.parse(continued.path("from_lsn").asText())).isEqualTo(sent);

        connector.restart();
        upgraded.execute("DELETE FROM customer WHERE id = 1");
        connector.awaitReplayed("public.orders", "public.customer");
        assertThat(connector.control("continued")).as("it is used up").hasSize(1);
        assertThat(connector.control("seam")).hasSize(2);
    }
}
