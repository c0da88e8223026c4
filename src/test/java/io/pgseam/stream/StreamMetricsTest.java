package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.metrics.Metric;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.WalClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** How far a stream is behind, in each way in which it can be. */
class StreamMetricsTest {

    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    private final Map<Metric, Supplier<? extends Number>> shown = new HashMap<>();

    private final StreamMetrics metrics = new StreamMetrics(
            new MetricRegistry() {
                @Override
                public void register(Metric metric, Map<Metric.Tag, String> tags, Supplier<? extends Number> value) {
                    shown.put(metric, value);
                }

                @Override
                public void close() {}
            },
            10);

    private final ChangeQueue queue = new ChangeQueue(1_000, 10, 1_000);

    private double value(Metric metric) {
        return Objects.requireNonNull(shown.get(metric), metric::name).get().doubleValue();
    }

    private static long agoMicros(long ms) {
        return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis() - ms);
    }

    private void sample(long lsn) {
        metrics.sample(
                new WalClock(new Lsn(lsn), System.currentTimeMillis(), false),
                System.nanoTime(),
                System.currentTimeMillis());
    }

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(value(Metric.LAG)).isNaN();
        assertThat(value(Metric.LAG_BYTES)).isNaN();
        assertThat(value(Metric.COMMITTED_LAG)).isNaN();
        assertThat(value(Metric.LAST_CHANGE_TIME)).isNaN();
    }

    @Test
    void thereIsNoLagIfEverythingIsReadThoughTheLastChangeIsOld() {
        metrics.begin(agoMicros(HOUR_MS));
        metrics.commit();
        metrics.received(10, new Lsn(100));
        sample(200);
        metrics.idle(new Lsn(200));

        assertThat(value(Metric.LAG)).isZero();
        assertThat(value(Metric.LAG_BYTES)).isZero();
    }

    /** WAL of tables that are not captured: the last change is old, and says nothing. */
    @Test
    void theLastChangeDoesNotCountIfThePositionIsNewer() {
        metrics.begin(agoMicros(HOUR_MS));
        metrics.commit();
        metrics.received(10, new Lsn(200));
        sample(200);
        sample(300);

        assertThat(value(Metric.LAG)).isLessThan(HOUR_MS / 2.0);
        assertThat(value(Metric.LAG_BYTES)).isEqualTo(100);
    }

    @Test
    void theTransactionThatIsReadCountsBeforeAPositionIsKnown() {
        metrics.begin(agoMicros(HOUR_MS));
        metrics.received(10, new Lsn(100));
        sample(200);

        assertThat(value(Metric.LAG)).isBetween(HOUR_MS - 10_000.0, HOUR_MS + 600_000.0);
    }

    @Test
    void aChangeThatConnectDoesNotTakeCountsThoughEverythingIsRead() throws InterruptedException {
        metrics.queue(queue, 1_000);
        SourceRecord record = new SourceRecord(Map.of(), Map.of(), "topic", null, null);
        assertThat(queue.offer(List.of(record), 10, 0, System.currentTimeMillis() - HOUR_MS, false, 0))
                .isTrue();
        queue.endTransaction();
        sample(200);
        metrics.idle(new Lsn(200));

        assertThat(value(Metric.LAG)).isGreaterThanOrEqualTo(HOUR_MS);
        assertThat(value(Metric.QUEUE_BYTES)).isEqualTo(10);

        assertThat(queue.take(0).records()).hasSize(1);
        assertThat(value(Metric.LAG)).isZero();
        assertThat(value(Metric.QUEUE_BYTES)).isZero();
    }

    /** The server's clock is an hour ahead of the worker's. */
    @Test
    void theDifferenceBetweenTheClocksIsTakenOut() {
        metrics.begin(agoMicros(-HOUR_MS));
        metrics.received(10, new Lsn(100));
        metrics.sample(
                new WalClock(new Lsn(200), System.currentTimeMillis() + HOUR_MS, false),
                System.nanoTime(),
                System.currentTimeMillis());

        assertThat(value(Metric.LAG)).isLessThan(HOUR_MS / 2.0);
    }

    @Test
    void whatIsCommittedHasAnAgeOfItsOwn() {
        sample(200);
        metrics.idle(new Lsn(200));
        metrics.committed(new Lsn(150), new Lsn(120));
        assertThat(value(Metric.COMMITTED_LAG)).isNaN();
        assertThat(value(Metric.COMMITTED_LAG_BYTES)).isEqualTo(50);

        metrics.committed(new Lsn(200), new Lsn(150));
        assertThat(value(Metric.COMMITTED_LAG)).isLessThan(HOUR_MS / 2.0);
        assertThat(value(Metric.COMMITTED_LAG_BYTES)).isZero();
        assertThat(value(Metric.COMMITTED_LSN)).isEqualTo(200);
        assertThat(value(Metric.CONFIRMED_LSN)).isEqualTo(150);
    }

    @Test
    void aSessionThatIsOpenedAgainIsAReconnection() {
        assertThat(value(Metric.CONNECTED)).isZero();
        metrics.sessionOpened();
        assertThat(value(Metric.CONNECTED)).isEqualTo(1);
        assertThat(value(Metric.RECONNECTS)).isZero();
        metrics.sessionLost();
        assertThat(value(Metric.CONNECTED)).isZero();
        metrics.sessionOpened();
        assertThat(value(Metric.RECONNECTS)).isEqualTo(1);
    }
}
