package io.pgseam.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MetricTest {

    private static final String BEGIN = "<!-- metrics:begin -->\n";
    private static final String END = "<!-- metrics:end -->";

    @Test
    void theDocumentationHasEveryMetric() throws IOException {
        String page = Files.readString(Path.of("docs/metrics.md"));
        assertThat(page).contains(BEGIN, END);

        String actual = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
        assertThat(actual.strip())
                .as("metrics in docs/metrics.md; the right text is in target/metrics.md")
                .isEqualTo(write(Metric.markdown()).strip());
    }

    /** Leaves the right text where it can be copied from. */
    private static String write(String markdown) throws IOException {
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("metrics.md"), markdown);
        return markdown;
    }

    @Test
    void noTwoMetricsHaveOneName() {
        assertThat(Arrays.stream(Metric.values()).map(Metric::metricName)).doesNotHaveDuplicates();
    }

    @Test
    void namesAreOfTheFormThatPrometheusTakes() {
        assertThat(Metric.values()).allSatisfy(metric -> {
            assertThat(metric.metricName()).matches("[a-z]+(-[a-z]+)*");
            assertThat(metric.prometheusName()).matches("pgseam(_[a-z]+)+");
        });
    }
}
