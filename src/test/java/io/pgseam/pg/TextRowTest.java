package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextRowTest {

    private static final byte[] SOURCE = "..42grün".getBytes(StandardCharsets.UTF_8);

    private final TextRow row = new TextRow();

    @Test
    void pointsAtItsFields() {
        row.reset(SOURCE);
        row.addValue(2, 2);
        row.addValue(4, 5);
        row.addValue(4, 0);

        assertThat(row.size()).isEqualTo(3);
        assertThat(row.bytes()).isSameAs(SOURCE);
        assertThat(row.start(1)).isEqualTo(4);
        assertThat(row.length(1)).isEqualTo(5);
        assertThat(row.text(0)).isEqualTo("42");
        assertThat(row.text(1)).isEqualTo("grün");
        assertThat(row.text(2)).isEmpty();
    }

    @Test
    void tellsNullFromUnchangedFromEmpty() {
        row.reset(SOURCE);
        row.addNull();
        row.addUnchanged();
        row.addValue(0, 0);

        assertThat(row.isNull(0)).isTrue();
        assertThat(row.isUnchanged(0)).isFalse();
        assertThat(row.isNull(1)).isFalse();
        assertThat(row.isUnchanged(1)).isTrue();
        assertThat(row.isNull(2)).isFalse();
        assertThat(row.isUnchanged(2)).isFalse();
        assertThat(row.length(0)).isNegative();
        assertThat(row.length(1)).isNegative();
        assertThatThrownBy(() -> row.text(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> row.text(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void growsWithTheNumberOfFields() {
        row.reset(SOURCE);
        for (int field = 0; field < 1_600; field++) {
            row.addValue(field % 3, field % 2);
        }

        assertThat(row.size()).isEqualTo(1_600);
        for (int field = 0; field < 1_600; field++) {
            assertThat(row.start(field)).isEqualTo(field % 3);
            assertThat(row.length(field)).isEqualTo(field % 2);
        }
    }

    @Test
    void forgetsItsFieldsForTheNextRow() {
        row.reset(SOURCE);
        row.addNull();
        byte[] next = {'7'};

        row.reset(next);
        assertThat(row.size()).isZero();
        row.addValue(0, 1);

        assertThat(row.isNull(0)).isFalse();
        assertThat(row.bytes()).isSameAs(next);
        assertThat(row.text(0)).isEqualTo("7");
    }
}
