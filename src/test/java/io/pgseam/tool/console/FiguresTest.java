package io.pgseam.tool.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void sizesHaveThreeDigitsOrSo() {
        assertThat(Figures.bytes(0)).isEqualTo("0 B");
        assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
        assertThat(Figures.bytes(1536)).isEqualTo("1.5 kB");
        assertThat(Figures.bytes(881_852_416)).isEqualTo("841 MB");
        assertThat(Figures.bytes(-2048)).isEqualTo("-2.0 kB");
        assertThat(Figures.bytes(Long.MAX_VALUE)).isEqualTo("8192 PB");
    }

    @Test
    void countsHaveSeparatorsAndAPlural() {
        assertThat(Figures.count(1_310_720)).isEqualTo("1,310,720");
        assertThat(Figures.count(1, "table")).isEqualTo("1 table");
        assertThat(Figures.count(0, "table")).isEqualTo("0 tables");
    }

    @Test
    void durationsHaveTwoUnits() {
        assertThat(Figures.duration(Duration.ofMillis(24_900))).isEqualTo("24 s");
        assertThat(Figures.duration(Duration.ofSeconds(185))).isEqualTo("3 min 5 s");
        assertThat(Figures.duration(Duration.ofMinutes(124))).isEqualTo("2 h 4 min");
        assertThat(Figures.duration(Duration.ofHours(73))).isEqualTo("3 d 1 h");
        assertThat(Figures.duration(Duration.ofSeconds(-1))).isEqualTo("0 s");
    }
}
