package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import org.junit.jupiter.api.Test;

class TimelineHistoryTest {

    /** As PostgreSQL writes it, with a comment, which its documentation permits. */
    private static final String FILE = """
            1\t0/B000000\tno recovery target specified

            # moved by hand
            2\t1/2C0000A8\tbefore 2026-11-25 01:00:00+00
            """;

    @Test
    void saysWhereTheServerLeftEachTimeline() {
        TimelineHistory history = TimelineHistory.parse(FILE);
        assertThat(history.endOf(1)).isEqualTo(Lsn.parse("0/B000000"));
        assertThat(history.endOf(2)).isEqualTo(Lsn.parse("1/2C0000A8"));
    }

    @Test
    void doesNotKnowATimelineThatTheServerWasNeverOn() {
        assertThat(TimelineHistory.parse(FILE).endOf(3)).isNull();
        assertThat(TimelineHistory.parse("").endOf(1)).isNull();
    }
}
