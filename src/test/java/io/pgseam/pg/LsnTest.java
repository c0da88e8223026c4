package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

    @ParameterizedTest
    @CsvSource({
        "0/0, 0",
        "0/1, 1",
        "16/B374D848, 97500059720",
        "1/0, 4294967296",
        "7FFFFFFF/FFFFFFFF, 9223372036854775807",
        "80000000/0, -9223372036854775808",
        "FFFFFFFF/FFFFFFFF, -1"
    })
    void readsAndWritesPostgresTextForm(String text, long value) {
        assertThat(Lsn.parse(text)).isEqualTo(new Lsn(value));
        assertThat(new Lsn(value)).hasToString(text);
    }

    @Test
    void readsLowerCaseAndLeadingZeros() {
        assertThat(Lsn.parse("00000016/0b374d84")).isEqualTo(new Lsn(0x16_0B374D84L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "1", "1/", "/1", "1/2/3", "123456789/0", "0/123456789", "g/0", "0/-1", "-1/0", "0 /1"})
    void refusesWhatIsNoLsn(String text) {
        assertThatThrownBy(() -> Lsn.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not an LSN: '" + text + "'");
    }

    /** 0/1AC46018 was waited for in vain: a page begins at 0/1AC46000. */
    @ParameterizedTest
    @CsvSource({
        "0/1AC46018, 0/1AC46000",
        "FFFFFFFF/FFFFE018, FFFFFFFF/FFFFE000",
        "0/1A000028, 0/1A000000",
        "0/1A100028, 0/1A100000",
        "0/1AC46000, 0/1AC46000",
        "0/1AC46010, 0/1AC46010",
        "0/1AC46020, 0/1AC46020",
        "0/1AC46028, 0/1AC46028",
        "0/0, 0/0"
    })
    void namesTheStartOfARecordBehindAPagesHeaderAsTheEndOfTheRecordBefore(String start, String end) {
        assertThat(Lsn.parse(start).endOfRecordBefore()).isEqualTo(Lsn.parse(end));
    }

    @Test
    void isOrderedAsUnsigned() {
        Lsn small = new Lsn(Long.MAX_VALUE);
        Lsn large = new Lsn(Long.MIN_VALUE);

        assertThat(small).isLessThan(large);
        assertThat(large.isAfter(small)).isTrue();
        assertThat(small.isBefore(large)).isTrue();
        assertThat(small.isAfter(small)).isFalse();
        assertThat(small.isBefore(small)).isFalse();
        assertThat(Lsn.max(small, large)).isEqualTo(large);
        assertThat(Lsn.max(large, small)).isEqualTo(large);
    }
}
