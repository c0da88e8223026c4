package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.metrics.MetricRegistry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** What is on its way to Connect's thread: in order, each record once, and a transaction as soon as it has ended. */
class QueueSinkTest {

    private static final long LARGE = 70_000;

    private final ChangeQueue queue = new ChangeQueue(100_000, 1_000, 100_000);
    private final QueueSink sink = sink(queue);
    private boolean lost;

    private QueueSink sink(ChangeQueue to) {
        return new QueueSink(
                to,
                () -> {
                    lost = true;
                    throw new SQLException("the session ended", "08006");
                },
                System::nanoTime,
                new StreamMetrics(MetricRegistry.NONE, 0));
    }

    private static List<SourceRecord> change(long number) {
        return new ArrayList<>(List.of(new SourceRecord(Map.of(), Map.of("n", number), "topic", null, null)));
    }

    private static List<SourceRecord> changeOf(int topic) {
        return List.of(new SourceRecord(Map.of(), Map.of(), "topic" + topic, null, null));
    }

    private List<Long> taken() throws InterruptedException {
        return queue.take(0).records().stream()
                .map(record -> (Long) record.sourceOffset().get("n"))
                .toList();
    }

    @Test
    void handsATransactionOverWhenItEnds() throws Exception {
        List<SourceRecord> reused = change(1);
        sink.accept(reused, 10);
        reused.clear();
        sink.accept(change(2), 10);
        assertThat(queue.bytes()).isZero();
        sink.endTransaction();
        assertThat(taken()).containsExactly(1L, 2L);
    }

    @Test
    void handsALargeTransactionOverInParts() throws Exception {
        ChangeQueue roomy = new ChangeQueue(10_000_000, 1_000, 10_000_000);
        QueueSink before = sink(roomy);
        for (long number = 1; number <= 1_200; number++) {
            before.accept(change(number), 0);
        }
        int first = roomy.take(0).records().size();
        assertThat(first).as("a batch is full").isBetween(700, 1_000);
        before.endTransaction();
        assertThat(roomy.take(0).records()).hasSize(1_200 - first);
    }

    /** The next change may wait for a lookup. */
    @Test
    void handsABatchOverWithItsLastChange() throws Exception {
        ChangeQueue small = new ChangeQueue(10_000_000, 50, 10_000_000);
        QueueSink before = sink(small);
        for (long number = 1; number <= 100; number++) {
            before.accept(change(number), 0);
        }
        assertThat(small.take(0).records()).hasSize(50);
        assertThat(small.take(0).records()).hasSize(50);
    }

    @Test
    void handsATransactionWithManyNewTopicsOverInParts() throws Exception {
        int topics = 120;
        for (int topic = 0; topic < topics; topic++) {
            sink.accept(changeOf(topic), 10);
        }
        sink.endTransaction();
        assertThat(queue.take(0).records()).hasSize(50);
        assertThat(queue.take(0).records()).hasSize(50);
        assertThat(queue.take(0).records()).hasSize(20);
        for (int topic = 0; topic < topics; topic++) {
            sink.accept(changeOf(topic), 10);
        }
        sink.endTransaction();
        assertThat(queue.take(0).records()).as("the topics are there").hasSize(topics);
    }

    @Test
    void endsATransactionWhoseLastChangeIsQueued() throws Exception {
        sink.accept(change(1), 10);
        sink.flush();
        assertThat(taken()).isEmpty();
        sink.endTransaction();
        assertThat(taken()).containsExactly(1L);
    }

    /** What was taken is sent, and what was not will come again: nothing is lost or sent twice. */
    @Test
    void keepsWhatTheQueueRefuses() throws Exception {
        sink.accept(change(1), LARGE);
        sink.accept(change(2), LARGE);
        sink.accept(change(3), LARGE);
        assertThat(lost).as("waits for room").isFalse();
        assertThatThrownBy(() -> sink.accept(change(4), LARGE)).isInstanceOf(SQLException.class);
        assertThatThrownBy(sink::endTransaction).isInstanceOf(SQLException.class);
        assertThat(lost).isTrue();
        assertThat(taken()).containsExactly(1L);
        sink.accept(change(4), 10);
        assertThat(taken()).containsExactly(2L);
        assertThat(taken()).as("the end of the first transaction").containsExactly(3L);
        sink.endTransaction();
        assertThat(taken()).containsExactly(4L);
    }

    @Test
    void doesNotMixTwoTransactionsIfTheEndOfOneWasRefused() throws Exception {
        ChangeQueue full = new ChangeQueue(10, 1_000, 10);
        QueueSink behind = sink(full);
        full.offer(change(1), 100, 0, 0, true, 0);
        behind.accept(change(2), 0);
        assertThatThrownBy(behind::endTransaction).isInstanceOf(SQLException.class);
        assertThat(full.take(0).records()).hasSize(1);
        behind.accept(change(3), 0);
        assertThat(full.take(0).records()).as("only the first transaction").hasSize(1);
        behind.endTransaction();
        assertThat(full.take(0).records()).hasSize(1);
    }
}
