package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.metrics.Metric;
import io.pgseam.metrics.Metric.Scope;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The seam, end to end, on real servers; and what a monitoring system sees of it. */
class SeamIT extends ConnectorScenario {

    @Test
    void copiesThenStreams() throws Exception {
        TestDatabase database = database(17);
        database.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric(12,2), created timestamptz"
                        + " DEFAULT now())",
                "INSERT INTO orders SELECT i, 'customer ' || i, i / 100.0 FROM generate_series(1, 20000) i",
                "CREATE TABLE empty (id int PRIMARY KEY, note text)");
        RunningConnector connector = connector(database);
        connector.awaitSeam();
        database.execute(
                "UPDATE orders SET customer = 'changed' WHERE id <= 100",
                "DELETE FROM orders WHERE id > 19990",
                "UPDATE orders SET id = -id WHERE id = 500",
                "INSERT INTO empty SELECT i, 'note' FROM generate_series(1, 10) i");
        connector.awaitReplayed("public.orders", "public.empty");
        showsWhatItDid(connector.name());
        cluster.delete(connector.name());
        Eventually.holds(
                "a connector that was deleted shows no metrics",
                RunningConnector.TIMEOUT,
                () -> new MetricsOf(connector.name()).beans().isEmpty());
    }

    private static void showsWhatItDid(String connector) throws Exception {
        MetricsOf metrics = new MetricsOf(connector);

        Eventually.holds(
                "everything is committed",
                RunningConnector.TIMEOUT,
                () -> metrics.sum(Metric.COMMITTED_LAG) >= 0 && metrics.sum(Metric.LAG) == 0);
        assertThat(metrics.sum(Metric.CHANGES, "op=insert")).isEqualTo(10);
        assertThat(metrics.sum(Metric.CHANGES, "op=update")).isEqualTo(101);
        assertThat(metrics.sum(Metric.CHANGES, "op=delete")).isEqualTo(10);
        assertThat(metrics.sum(Metric.TABLE_CHANGES, "table=public.orders")).isEqualTo(111);
        assertThat(metrics.sum(Metric.TABLE_CHANGES, "table=public.empty")).isEqualTo(10);
        assertThat(metrics.sum(Metric.TRANSACTIONS)).isGreaterThanOrEqualTo(4);
        assertThat(metrics.sum(Metric.CONNECTED)).isEqualTo(1);
        assertThat(metrics.sum(Metric.PHASE, "phase=streaming")).isEqualTo(1);
        assertThat(metrics.sum(Metric.PHASE, "phase=copying")).isZero();
        assertThat(metrics.sum(Metric.SOURCE_REACHABLE)).isEqualTo(1);
        assertThat(metrics.sum(Metric.SLOT_OK)).isEqualTo(1);
        assertThat(metrics.sum(Metric.SEAM_GENERATION)).isEqualTo(metrics.sum(Metric.ANCHOR_GENERATION));
        assertThat(metrics.sum(Metric.COPY_ROWS_DONE)).isEqualTo(20_000);
        assertThat(metrics.sum(Metric.COPY_TABLES_REMAINING)).isZero();
        assertThat(metrics.sum(Metric.CAPTURED_TABLES)).isEqualTo(2);
        assertThat(metrics.sum(Metric.SET_ASIDE_TABLES)).isZero();
        assertThat(metrics.names())
                .containsAll(Arrays.stream(Metric.values())
                        .filter(metric -> metric.isOf(Scope.CONNECTOR) || metric.isOf(Scope.STREAM))
                        .map(Metric::metricName)
                        .toList());
    }
}
