package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Extent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Histories that have been played before, and some that nobody has seen yet, whose seeds are printed: {@code
 * -Dpgseam.histories.fresh=5} gives another number of them.
 */
class HistoriesIT {

    /** They draw everything between them that a history can draw: see {@link Cover}, which chooses others where they do not. One has a pair. */
    static final List<Long> OF_THE_BUILD = List.of(8L, 21L, 27L, 43L, 55L, 81L);

    @Test
    void giveTheSourceWhateverHappens() throws Exception {
        Path logs = Files.createDirectories(Path.of("target", "histories"));
        Histories histories = new Histories(System.out, Path.of(System.getProperty("pgseam.plugin.archive")), logs);
        assertThat(histories.play(seeds()))
                .as("seeds of the histories that failed; their timelines are above and in " + logs)
                .isEmpty();
    }

    private static List<Long> seeds() {
        List<Long> seeds = new ArrayList<>(Extent.ofThisRun(OF_THE_BUILD, Seeds.of("1..25", 0)));
        // One pair is enough for a build: it has one among the known ones.
        Seeds.of("", Integer.getInteger("pgseam.histories.fresh", Extent.ofThisRun(2, 10))).stream()
                .filter(seed ->
                        Extent.ofThisRun() == Extent.FULL || !History.of(seed).pair())
                .forEach(seeds::add);
        return seeds;
    }
}
