package io.pgseam.tool.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.StartOffsets.From;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartOffsetsTest {

    private static final String TOPIC = "shop.public.orders";

    private static final Seam SEAM = new Seam(
            1,
            new Lsn(0x100),
            "pgseam_shop",
            100,
            true,
            0,
            Map.of(TOPIC, List.of(new Seam.Partition(0, 10, 60, 61), new Seam.Partition(1, 5, 55, 57))));

    private final StartOffsets offsets = new StartOffsets(Optional.of(SEAM));

    @Test
    void areNumbersForEveryPartitionAlsoForOneWithoutCopiedRows() {
        Map<Integer, Extent> extents = Map.of(0, new Extent(0, 100), 1, new Extent(0, 100), 2, new Extent(0, 3));

        assertThat(offsets.of(TOPIC, extents, From.BEGINNING)).isEqualTo(Map.of(0, 0L, 1, 0L, 2, 0L));
        assertThat(offsets.of(TOPIC, extents, From.SEAM)).isEqualTo(Map.of(0, 10L, 1, 5L, 2, 0L));
        assertThat(offsets.of(TOPIC, extents, From.CHANGES)).isEqualTo(Map.of(0, 61L, 1, 57L, 2, 0L));
    }

    @Test
    void beginWhereKafkaBeginsAsLongAsNoCopiedRowIsMissing() {
        Map<Integer, Extent> cleaned = Map.of(0, new Extent(10, 100), 1, new Extent(3, 100));
        assertThat(offsets.of(TOPIC, cleaned, From.BEGINNING)).isEqualTo(Map.of(0, 10L, 1, 3L));

        Map<Integer, Extent> tooLate = Map.of(0, new Extent(11, 100), 1, new Extent(3, 100));
        for (From from : List.of(From.BEGINNING, From.SEAM)) {
            assertThatThrownBy(() -> offsets.of(TOPIC, tooLate, from))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContainingAll("partition 0 of " + TOPIC + " begins at offset 11", "retention");
        }
        assertThat(offsets.of(TOPIC, tooLate, From.CHANGES)).isEqualTo(Map.of(0, 61L, 1, 57L));
    }

    @Test
    void refuseATopicThatIsYoungerThanTheSeam() {
        Map<Integer, Extent> young = Map.of(0, new Extent(0, 7), 1, new Extent(0, 100));

        assertThatThrownBy(() -> offsets.of(TOPIC, young, From.CHANGES))
                .hasMessageContainingAll("ends at offset 7", "deleted and made again");
    }

    @Test
    void needASeamOnlyIfTheyAreTheSeams() {
        StartOffsets none = new StartOffsets(Optional.empty());
        Map<Integer, Extent> extents = Map.of(0, new Extent(0, 100));

        assertThat(none.of(TOPIC, extents, From.BEGINNING)).isEqualTo(Map.of(0, 0L));
        assertThatThrownBy(() -> none.of(TOPIC, extents, From.SEAM)).hasMessageContaining("no seam yet");
        assertThatThrownBy(() -> none.of(TOPIC, Map.of(0, new Extent(1, 100)), From.BEGINNING))
                .as("the first records may have been copied rows")
                .hasMessageContaining("retention");
        assertThatThrownBy(() -> none.of(TOPIC, Map.of(), From.BEGINNING)).hasMessageContaining("does not exist");
    }
}
