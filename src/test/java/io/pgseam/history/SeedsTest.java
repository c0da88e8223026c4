package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void readsNumbersAndRanges() {
        assertThat(Seeds.of("1, 2,7", 0)).containsExactly(1L, 2L, 7L);
        assertThat(Seeds.of("3..5,9", 0)).containsExactly(3L, 4L, 5L, 9L);
        assertThat(Seeds.of("", 0)).isEmpty();
    }

    @Test
    void drawsFreshOnes() {
        assertThat(Seeds.of("1", 3)).hasSize(4).startsWith(1L).allMatch(seed -> seed > 0);
    }

    @Test
    void refusesWhatIsNoSeed() {
        assertThatThrownBy(() -> Seeds.of("1..x", 0)).isInstanceOf(NumberFormatException.class);
    }
}
