package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Twenty histories that have been played before, and some that nobody has seen yet: {@code -Dpgseam.histories.fresh=5}. */
class HistoriesIT {

    private static final Duration BUDGET = Duration.ofMinutes(15);

    private static final int FRESH = 5;

    @Test
    void giveTheSourceWhateverHappens() throws Exception {
        Path logs = Files.createDirectories(Path.of("target", "histories"));
        Histories histories =
                new Histories(System.out, Path.of(System.getProperty("pgseam.plugin.archive")), logs, BUDGET);
        assertThat(histories.play(Seeds.of("1..20", Integer.getInteger("pgseam.histories.fresh", FRESH))))
                .as("seeds of the histories that failed; their timelines are above and in " + logs)
                .isEmpty();
    }
}
