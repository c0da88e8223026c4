package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SnapshotTextTest {

    @Test
    void showsWhatIsBelowXmaxAndNotInProgress() {
        assertThat(SnapshotText.shows("10:20:", 9)).isTrue();
        assertThat(SnapshotText.shows("10:20:", 19)).isTrue();
        assertThat(SnapshotText.shows("10:20:", 20)).isFalse();
        assertThat(SnapshotText.shows("10:20:10,12,15", 10)).isFalse();
        assertThat(SnapshotText.shows("10:20:10,12,15", 15)).isFalse();
        assertThat(SnapshotText.shows("10:20:10,12,15", 11)).isTrue();
        assertThat(SnapshotText.shows("10:20:10,12,15", 2)).isTrue();
    }

    @Test
    void goesRoundTheCircleOfThirtyTwoBits() {
        long epoch = 3L << 32;
        String snapshot = (epoch - 5) + ":" + (epoch + 7) + ":" + (epoch - 5) + "," + (epoch + 4);
        assertThat(SnapshotText.shows(snapshot, 0xFFFF_FFFAL)).isTrue();
        assertThat(SnapshotText.shows(snapshot, 0xFFFF_FFFBL)).isFalse();
        assertThat(SnapshotText.shows(snapshot, 3)).isTrue();
        assertThat(SnapshotText.shows(snapshot, 4)).isFalse();
        assertThat(SnapshotText.shows(snapshot, 7)).isFalse();
    }

    @Test
    void refusesOtherTexts() {
        assertThatThrownBy(() -> SnapshotText.shows("10", 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
