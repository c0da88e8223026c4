package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.metrics.Metric;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.JmxExporter;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a monitoring system gets with the files in {@code etc/metrics}: by the real exporter, while rows are copied and streamed. */
class MonitoringIT extends ConnectorScenario {

    private static final Path FILES = Path.of("connector-config", "metrics");
    private static final Pattern METRIC = Pattern.compile("\\b(?:pgseam|kafka_connect)_[a-z_]+");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^ +expr: (.+)$");
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_]+)\\{(.*)\\} (\\S+)");

    private final Set<String> seen = new TreeSet<>();

    @Test
    void theExporterShowsWhatAlertsAndDashboardName() throws Exception {
        JmxExporter exporter = JmxExporter.start(FILES.resolve("jmx-exporter.yml"));
        TestDatabase database = database(17);
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, 'note' FROM generate_series(1, 1000) i",
                "CREATE TABLE \"a,b=\"\"c\" (id int PRIMARY KEY, note text)");
        RunningConnector connector = heldConnector(database, "tasks.max=2");
        awaitMetric(exporter, connector, "pgseam_copied_rows_total", "");
        awaitMetric(exporter, connector, "pgseam_phase", "phase=\"copying\"");
        connector.hurry();
        connector.awaitSeam();
        database.execute(
                "INSERT INTO item SELECT i, 'note' FROM generate_series(1001, 1010) i",
                "INSERT INTO \"a,b=\"\"c\" VALUES (1, 'note')");
        connector.awaitCaughtUp();
        awaitMetric(exporter, connector, "pgseam_table_changes_total", "table=\"public.item\"");
        awaitMetric(exporter, connector, "pgseam_changes_total", "op=\"insert\"");
        awaitMetric(exporter, connector, "pgseam_committed_lag_ms", "");

        List<String> lines = exporter.scrape();
        assertThat(value(lines, connector, "pgseam_changes_total", "op=\"insert\""))
                .isEqualTo(11);
        assertThat(value(lines, connector, "pgseam_table_changes_total", "table=\"public.item\""))
                .isEqualTo(10);
        assertThat(lines.stream().filter(line -> line.startsWith("pgseam_table_changes_total")))
                .as("a table whose name needs quotes in JMX")
                .anyMatch(line -> line.contains("a,b="));
        assertThat(value(lines, connector, "pgseam_phase", "phase=\"streaming\""))
                .isEqualTo(1);
        assertThat(value(lines, connector, "pgseam_slot_ok", "")).isEqualTo(1);
        assertThat(lines).contains("# TYPE pgseam_changes_total counter", "# TYPE pgseam_lag_ms gauge");
        assertThat(seen).containsAll(named());
    }

    /** Waits until the exporter shows a metric of the connector, and remembers all others. */
    private void awaitMetric(JmxExporter exporter, RunningConnector connector, String metric, String label) {
        Eventually.holds(
                "the exporter shows " + metric + " " + label + " of " + connector.name(),
                RunningConnector.TIMEOUT,
                () -> {
                    List<String> lines = exporter.scrape();
                    for (String line : lines) {
                        Matcher parts = LINE.matcher(line);
                        if (parts.matches() && parts.group(2).contains("connector=\"" + connector.name() + "\"")) {
                            seen.add(parts.group(1));
                        }
                    }
                    return value(lines, connector, metric, label) >= 0;
                },
                seen::toString);
    }

    /** The value of a metric; NaN if it is not shown. */
    private static double value(List<String> lines, RunningConnector connector, String metric, String label) {
        for (String line : lines) {
            Matcher parts = LINE.matcher(line);
            if (parts.matches()
                    && parts.group(1).equals(metric)
                    && parts.group(2).contains("connector=\"" + connector.name() + "\"")
                    && parts.group(2).contains(label)) {
                return Double.parseDouble(parts.group(3));
            }
        }
        return Double.NaN;
    }

    /** Every metric in an expression of the alerts or of the dashboard. */
    private static Set<String> named() throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher alerts = EXPRESSION.matcher(Files.readString(FILES.resolve("prometheus-alerts.yml")));
        while (alerts.find()) {
            addMetrics(alerts.group(1), names);
        }
        assertThat(names).as("metrics in the alerts").hasSizeGreaterThan(10);
        JsonNode dashboard = new ObjectMapper()
                .readTree(FILES.resolve("grafana-dashboard.json").toFile());
        dashboard.findValuesAsText("expr").forEach(expression -> addMetrics(expression, names));
        assertThat(names).as("metrics in alerts and dashboard").hasSizeGreaterThan(25);
        return names;
    }

    private static void addMetrics(String expression, Set<String> names) {
        METRIC.matcher(expression).results().forEach(found -> names.add(found.group()));
    }

    @Test
    void alertsAndDashboardNameMetricsThatThereAre() throws IOException {
        Set<String> known =
                Arrays.stream(Metric.values()).map(Metric::prometheusName).collect(Collectors.toSet());
        assertThat(named().stream().filter(name -> name.startsWith("pgseam_"))).isSubsetOf(known);
    }

    /** One file is the other's content, in a ConfigMap. */
    @Test
    void strimzisConfigurationHasTheSameRules() throws IOException {
        String exporter = Files.readString(FILES.resolve("jmx-exporter.yml"));
        String rules = exporter.substring(exporter.indexOf("lowercaseOutputName"));
        String indented =
                rules.lines().map(line -> line.isEmpty() ? "" : "    " + line).collect(Collectors.joining("\n"));

        assertThat(Files.readString(FILES.resolve("strimzi-metrics.yaml")).strip())
                .endsWith(indented.strip());
    }
}
