package io.pgseam.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The short form of the benchmark, whose ratios the nightly run prints. */
@EnabledIfSystemProperty(named = "pgseam.matrix", matches = "full", disabledReason = "takes minutes: for the night")
class BenchIT {

    @Test
    void printsWhatIsFasterThanDebeziumByHowMuch(@TempDir Path directory) throws Exception {
        BenchReport report = Bench.run(BenchOptions.brief(), directory);
        List<String> ratios = report.ratios();
        ratios.forEach(System.out::println);
        assertThat(ratios)
                .hasSize(8)
                .allMatch(line -> line.matches("(snapshot|stream) .*: .*/debezium throughput ×.*"));
        // No figure that depends on what else the machine does: only what would be a mistake in any case.
        assertThat(report.medianOf("snapshot orders", "flat", Measurement::rowsPerSecond))
                .isGreaterThan(report.medianOf("snapshot orders", "debezium", Measurement::rowsPerSecond));
        assertThat(Files.readString(directory.resolve("report.md"))).contains("| debezium |", "rows.svg");
        assertThat(Files.readString(directory.resolve("rows.svg")))
                .startsWith("<svg")
                .contains("debezium");
    }
}
