package io.pgseam.tool.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.tool.outcome.CommandFailure;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutineLoadTest {

    @Test
    void progressHasTheLastConsumedOffsetOrAWord() {
        assertThat(RoutineLoad.consumed("{\"0\":\"41\",\"1\":\"OFFSET_ZERO\",\"2\":\"OFFSET_BEGINNING\",\"10\":\"0\"}"))
                .isEqualTo(Map.of(0, 41L, 10, 0L));
        assertThat(RoutineLoad.consumed("")).isEmpty();
        assertThat(RoutineLoad.consumed(null)).isEmpty();
        assertThatThrownBy(() -> RoutineLoad.consumed("{")).isInstanceOf(CommandFailure.class);
    }
}
