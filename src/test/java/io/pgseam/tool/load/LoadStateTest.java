package io.pgseam.tool.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LoadStateTest {

    @Test
    void countsTheOffsetsBehindEachLastMessage() {
        LoadState state = new LoadState(true, new TreeMap<>(Map.of(0, 10L, 1, 5L)), Optional.empty(), Optional.empty());

        assertThat(state.missing(new TreeMap<>(Map.of(0, 9L)))).isZero();
        assertThat(state.missing(new TreeMap<>(Map.of(0, 10L, 1, 4L)))).isEqualTo(1);
        assertThat(state.missing(new TreeMap<>(Map.of(0, 3L, 2, 6L))))
                .as("a partition that nothing is known of")
                .isEqualTo(7);
    }

    @Test
    void keepsTheFirstLineOfAnErrorAndNoStackTraceOfTheServer() {
        LoadState state = new LoadState(
                true, new TreeMap<>(), Optional.empty(), Optional.of("Local: Unknown partition\n0. ? @ 0x0f03c72c"));

        assertThat(state.lastError()).contains("Local: Unknown partition");
    }
}
