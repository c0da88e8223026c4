package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.stream.ChangeQueue.Batch;
import io.pgseam.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class ChangeQueueTest {

    private static final long LONG_MS = 60_000;

    private static SourceRecord record(long number) {
        return new SourceRecord(Map.of(), Map.of("n", number), "topic", null, null);
    }

    private static List<Long> numbers(Batch batch) {
        return batch.records().stream()
                .map(record -> (Long) record.sourceOffset().get("n"))
                .toList();
    }

    private static void fill(ChangeQueue queue, long from, long to) throws InterruptedException {
        for (long number = from; number <= to; number++) {
            assertThat(queue.offer(List.of(record(number)), 10, 0, 0, false, 0)).isTrue();
        }
    }

    private static ChangeQueue queue(long maxBytes) {
        return new ChangeQueue(maxBytes, 10, maxBytes);
    }

    @Test
    void takesNoMoreThanItsBytes() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(25, 1, 25);
        fill(queue, 1, 3);
        assertThat(queue.offer(List.of(record(4)), 10, 0, 0, false, 0)).isFalse();
        assertThat(queue.offer(List.of(record(4)), 10, 0, 0, false, 5)).isFalse();
        assertThat(queue.take(0).bytes()).isEqualTo(10);
        assertThat(queue.offer(List.of(record(4)), 10, 0, 0, false, 0)).isTrue();
        assertThat(numbers(queue.take(0))).containsExactly(2L);
    }

    @Test
    void takesAChangeThatIsLargerThanItsBytes() throws InterruptedException {
        ChangeQueue queue = queue(25);
        assertThat(queue.offer(List.of(record(1)), 1_000, 0, 0, false, 0)).isTrue();
        assertThat(queue.offer(List.of(record(2)), 1, 0, 0, false, 0)).isFalse();
        assertThat(numbers(queue.take(0))).containsExactly(1L);
        assertThat(queue.offer(List.of(record(2)), 1, 0, 0, false, 0)).isTrue();
    }

    @Test
    void cutsAtTheLastEndOfATransaction() throws InterruptedException {
        ChangeQueue queue = queue(1_000);
        fill(queue, 1, 2);
        queue.endTransaction();
        fill(queue, 3, 4);
        queue.endTransaction();
        fill(queue, 5, 6);
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L, 3L, 4L);
        assertThat(queue.take(5).records())
                .as("the end of the transaction is on its way")
                .isEmpty();
        queue.endTransaction();
        assertThat(numbers(queue.take(0))).containsExactly(5L, 6L);
    }

    @Test
    void waitsForTheEndOfATransactionThatFitsIntoABatch() throws Exception {
        ChangeQueue queue = queue(1_000);
        fill(queue, 1, 2);
        CompletableFuture<Batch> taken = CompletableFuture.supplyAsync(() -> takeUnchecked(queue));
        fill(queue, 3, 3);
        queue.endTransaction();
        assertThat(numbers(taken.get(30, TimeUnit.SECONDS))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void cutsATransactionWithMoreRecordsThanABatch() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000, 3, 1_000);
        fill(queue, 1, 5);
        queue.endTransaction();
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L, 3L);
        assertThat(numbers(queue.take(0))).containsExactly(4L, 5L);
    }

    @Test
    void cutsATransactionWithMoreBytesThanABatchAlsoBeforeItsEndIsThere() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000, 100, 30);
        fill(queue, 1, 4);
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L, 3L);
        assertThat(queue.take(0).records()).isEmpty();
    }

    /** Connect creates them while the batch's transaction is open. */
    @Test
    void aBatchHasAtMostFiftyNewTopics() throws InterruptedException {
        ChangeQueue queue = queue(1_000);
        queue.offer(List.of(record(1)), 10, 30, 0, false, 0);
        queue.offer(List.of(record(2)), 10, 20, 0, false, 0);
        assertThat(numbers(queue.take(0))).as("within a transaction").containsExactly(1L, 2L);
        queue.offer(List.of(record(3)), 10, 1, 0, true, 0);
        queue.offer(List.of(record(4)), 10, 30, 0, true, 0);
        queue.offer(List.of(record(5)), 10, 30, 0, true, 0);
        assertThat(numbers(queue.take(0))).as("between two").containsExactly(3L, 4L);
        assertThat(numbers(queue.take(0))).containsExactly(5L);
    }

    @Test
    void neverCutsAChange() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000, 3, 1_000);
        fill(queue, 1, 2);
        queue.offer(List.of(record(3), record(4)), 20, 0, 0, false, 0);
        fill(queue, 5, 7);
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L);
        assertThat(numbers(queue.take(0))).containsExactly(3L, 4L, 5L);
        queue.endTransaction();
        queue.offer(List.of(record(8), record(9), record(10), record(11)), 20, 0, 0, false, 0);
        assertThat(numbers(queue.take(0))).containsExactly(6L, 7L);
        assertThat(numbers(queue.take(0))).as("one that is larger than a batch").containsExactly(8L, 9L, 10L, 11L);
    }

    @Test
    void takesSlabsThatEndTransactionsTogether() throws InterruptedException {
        ChangeQueue queue = queue(1_000);
        queue.offer(List.of(record(1), record(2)), 20, 0, 0, true, 0);
        queue.offer(List.of(record(3)), 10, 0, 0, true, 0);
        queue.offer(List.of(record(4)), 10, 0, 0, false, 0);
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L, 3L);
        queue.offer(List.of(record(5)), 10, 0, 0, true, 0);
        assertThat(numbers(queue.take(0))).containsExactly(4L, 5L);
    }

    @Test
    void givesRemarksAtOnce() throws InterruptedException {
        ChangeQueue queue = queue(1_000);
        fill(queue, 1, 1);
        queue.remark(List.of(record(100)));
        assertThat(numbers(queue.take(LONG_MS))).containsExactly(100L);
        queue.endTransaction();
        queue.remark(List.of(record(101)));
        assertThat(numbers(queue.take(LONG_MS))).containsExactly(101L, 1L);
    }

    @Test
    void knowsAnEndThatComesAfterTheLastRecordWasTaken() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000, 1, 1_000);
        fill(queue, 1, 1);
        assertThat(numbers(queue.take(0))).containsExactly(1L);
        queue.endTransaction();
        assertThat(queue.take(0).records()).isEmpty();
    }

    @Test
    void givesNothingWhereNothingComes() throws InterruptedException {
        Batch nothing = queue(10).take(5);
        assertThat(nothing.records()).isEmpty();
        assertThat(nothing.bytes()).isZero();
    }

    @Test
    void failsAfterWhatIsLeft() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000, 2, 1_000);
        fill(queue, 1, 3);
        queue.fail(new ConnectException("the slot is gone"));
        assertThat(numbers(queue.take(0))).containsExactly(1L, 2L);
        assertThat(numbers(queue.take(0))).containsExactly(3L);
        assertThatThrownBy(() -> queue.take(LONG_MS))
                .isInstanceOf(ConnectException.class)
                .hasMessage("the slot is gone");
        assertThatThrownBy(() -> queue.take(LONG_MS)).isInstanceOf(ConnectException.class);
    }

    @Test
    void wakesAProducerThatWaitsForRoom() throws Exception {
        ChangeQueue queue = queue(10);
        fill(queue, 1, 1);
        CompletableFuture<Boolean> offered = CompletableFuture.supplyAsync(() -> offerUnchecked(queue, 2, 10));
        assertThat(numbers(queue.take(LONG_MS))).containsExactly(1L);
        assertThat(offered.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(numbers(queue.take(LONG_MS))).containsExactly(2L);
    }

    private static Batch takeUnchecked(ChangeQueue queue) {
        try {
            return queue.take(LONG_MS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean offerUnchecked(ChangeQueue queue, long number, int size) {
        try {
            return queue.offer(List.of(record(number)), size, 0, 0, false, LONG_MS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void keepsOrderAndBoundsBetweenTwoThreads() throws Exception {
        Random random = Seed.random(ChangeQueueTest.class);
        long most = 500;
        int largest = 200;
        int count = 20_000;
        int[] sizes = random.ints(count, 0, largest).toArray();
        boolean[] ends = new boolean[count];
        for (int i = 0; i < count; i++) {
            ends[i] = random.nextInt(7) == 0;
        }
        ends[count - 1] = true;
        int mostRecords = 20;
        ChangeQueue queue = new ChangeQueue(most, mostRecords, most);
        CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                offerUnchecked(queue, i, sizes[i]);
                if (ends[i]) {
                    queue.endTransaction();
                }
            }
        });
        List<Long> received = new ArrayList<>();
        while (received.size() < count) {
            Batch batch = queue.take(LONG_MS);
            assertThat(batch.bytes()).isLessThan(most + largest);
            assertThat(batch.records()).hasSizeLessThanOrEqualTo(mostRecords);
            assertThat(batch.bytes())
                    .isEqualTo(numbers(batch).stream()
                            .mapToLong(n -> sizes[n.intValue()])
                            .sum());
            received.addAll(numbers(batch));
            if (!ends[received.get(received.size() - 1).intValue()]) {
                assertThat(numbers(batch)).as("only a part of one transaction").noneMatch(n -> ends[n.intValue()]);
            }
        }
        producer.get(30, TimeUnit.SECONDS);
        for (int i = 0; i < count; i++) {
            assertThat(received.get(i)).isEqualTo(i);
        }
    }
}
