package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.record.flat.UnrepresentableValues.Tally;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class UnrepresentableValuesTest {

    private static final TableId ORDERS = new TableId("public", "orders");

    private final HandSetClock clock = new HandSetClock();
    private final UnrepresentableValues values = new UnrepresentableValues(clock);

    @Test
    void logsAtMostOnceAMinuteForEachColumn() {
        Tally due = values.tally(ORDERS, "due", UnrepresentablePolicy.NULL);
        Tally amount = values.tally(ORDERS, "amount", UnrepresentablePolicy.NULL);
        assertThat(due.add()).isTrue();
        assertThat(due.add()).isFalse();
        assertThat(amount.add()).isTrue();
        clock.pass(Duration.ofMillis(59_999));
        assertThat(due.add()).isFalse();
        clock.pass(Duration.ofMillis(1));
        assertThat(due.add()).isTrue();
        assertThat(due.add()).isFalse();
    }

    @Test
    void countsForEachColumnWhetherItIsLoggedOrNot() {
        values.tally(ORDERS, "due", UnrepresentablePolicy.STRING).add();
        values.tally(ORDERS, "due", UnrepresentablePolicy.STRING).add();
        values.tally(ORDERS, "amount", UnrepresentablePolicy.STRING).add();
        assertThat(values.count(ORDERS, "due")).isEqualTo(2);
        assertThat(values.count(ORDERS, "amount")).isEqualTo(1);
        assertThat(values.count(ORDERS, "other")).isZero();
        assertThat(values.total()).isEqualTo(3);
    }

    private static final class HandSetClock extends Clock {

        private Instant now = Instant.EPOCH;

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
