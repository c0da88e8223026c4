package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Histories that have been played before; {@code -Dpgseam.histories.fresh=5} adds some that nobody has seen yet. */
class HistoriesIT {

    private static final Duration BUDGET = Duration.ofMinutes(5);

    @Test
    void giveTheSourceWhateverHappens() throws Exception {
        Path logs = Files.createDirectories(Path.of("target", "histories"));
        Histories histories =
                new Histories(System.out, Path.of(System.getProperty("pgseam.plugin.archive")), logs, BUDGET);
        assertThat(histories.play(Seeds.of("1..12", Integer.getInteger("pgseam.histories.fresh", 0))))
                .as("seeds of the histories that failed; their timelines are above and in " + logs)
                .isEmpty();
    }
}
