package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PositionAgeTest {

    private final PositionAge age = new PositionAge();

    private void sample(long lsn, long second) {
        age.sample(new Lsn(lsn), TimeUnit.SECONDS.toNanos(second));
    }

    private long seconds(long now) {
        long ms = age.ms(TimeUnit.SECONDS.toNanos(now));
        return ms < 0 ? ms : ms / 1_000;
    }

    @Test
    void isUnknownBeforeASampleIsReached() {
        sample(100, 1);
        age.reached(new Lsn(99));
        assertThat(seconds(5)).isEqualTo(-1);
    }

    @Test
    void isTheAgeOfTheNewestSampleThatIsReached() {
        sample(100, 1);
        sample(200, 3);
        sample(300, 5);
        age.reached(new Lsn(250));
        assertThat(seconds(7)).isEqualTo(4);
        age.reached(new Lsn(300));
        assertThat(seconds(7)).isEqualTo(2);
    }

    @Test
    void growsWhileNothingIsReached() {
        sample(100, 1);
        age.reached(new Lsn(100));
        sample(200, 2);
        assertThat(seconds(10)).isEqualTo(9);
        assertThat(seconds(100)).isEqualTo(99);
    }

    /** Hours behind: the age is off by no more than what lies between two of the samples that are left. */
    @Test
    void keepsFewSamplesHoweverFarTheReaderIsBehind() {
        for (int second = 1; second <= 10_000; second++) {
            sample(second, second);
        }
        age.reached(new Lsn(5_000));
        assertThat(seconds(10_000)).isBetween(5_000L, 5_040L);
        age.reached(new Lsn(10_000));
        assertThat(seconds(10_000)).isBetween(0L, 40L);
    }
}
