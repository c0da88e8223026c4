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
            assertThat(queue.offer(record(number), 10, 0)).isTrue();
        }
    }

    @Test
    void takesNoMoreThanItsBytes() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(25);
        fill(queue, 1, 3);
        assertThat(queue.offer(record(4), 10, 0)).isFalse();
        assertThat(queue.offer(record(4), 10, 5)).isFalse();
        assertThat(queue.take(1, 0).bytes()).isEqualTo(10);
        assertThat(queue.offer(record(4), 10, 0)).isTrue();
        assertThat(numbers(queue.take(10, 0))).containsExactly(2L, 3L, 4L);
    }

    @Test
    void takesARecordThatIsLargerThanItsBytes() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(25);
        assertThat(queue.offer(record(1), 1_000, 0)).isTrue();
        assertThat(queue.offer(record(2), 1, 0)).isFalse();
        assertThat(numbers(queue.take(10, 0))).containsExactly(1L);
        assertThat(queue.offer(record(2), 1, 0)).isTrue();
    }

    @Test
    void cutsAtTheLastEndOfATransaction() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000);
        fill(queue, 1, 2);
        queue.endTransaction();
        fill(queue, 3, 4);
        queue.endTransaction();
        fill(queue, 5, 6);
        Batch first = queue.take(10, 0);
        assertThat(numbers(first)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(first.endsTransaction()).isTrue();
        Batch rest = queue.take(10, 0);
        assertThat(numbers(rest)).containsExactly(5L, 6L);
        assertThat(rest.endsTransaction()).isFalse();
    }

    @Test
    void cutsATransactionThatIsLargerThanABatch() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000);
        fill(queue, 1, 5);
        queue.endTransaction();
        assertThat(queue.take(3, 0).endsTransaction()).isFalse();
        Batch rest = queue.take(3, 0);
        assertThat(numbers(rest)).containsExactly(4L, 5L);
        assertThat(rest.endsTransaction()).isTrue();
    }

    @Test
    void saysThatATransactionEndedWhoseLastRecordIsOnItsWay() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000);
        fill(queue, 1, 1);
        assertThat(queue.take(10, 0).endsTransaction()).isFalse();
        queue.endTransaction();
        Batch end = queue.take(10, LONG_MS);
        assertThat(end.records()).isEmpty();
        assertThat(end.endsTransaction()).isTrue();
        assertThat(queue.take(10, 0).endsTransaction()).isFalse();
    }

    @Test
    void givesNothingWhereNothingComes() throws InterruptedException {
        Batch nothing = new ChangeQueue(10).take(10, 5);
        assertThat(nothing.records()).isEmpty();
        assertThat(nothing.bytes()).isZero();
        assertThat(nothing.endsTransaction()).isFalse();
    }

    @Test
    void failsAfterWhatIsLeft() throws InterruptedException {
        ChangeQueue queue = new ChangeQueue(1_000);
        fill(queue, 1, 3);
        queue.fail(new ConnectException("the slot is gone"));
        assertThat(numbers(queue.take(2, 0))).containsExactly(1L, 2L);
        assertThat(numbers(queue.take(2, 0))).containsExactly(3L);
        assertThatThrownBy(() -> queue.take(2, LONG_MS))
                .isInstanceOf(ConnectException.class)
                .hasMessage("the slot is gone");
        assertThatThrownBy(() -> queue.take(2, LONG_MS)).isInstanceOf(ConnectException.class);
    }

    @Test
    void wakesAProducerThatWaitsForRoom() throws Exception {
        ChangeQueue queue = new ChangeQueue(10);
        fill(queue, 1, 1);
        CompletableFuture<Boolean> offered = CompletableFuture.supplyAsync(() -> offerUnchecked(queue, 2, 10));
        assertThat(numbers(queue.take(1, LONG_MS))).containsExactly(1L);
        assertThat(offered.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(numbers(queue.take(1, LONG_MS))).containsExactly(2L);
    }

    private static boolean offerUnchecked(ChangeQueue queue, long number, int size) {
        try {
            return queue.offer(record(number), size, LONG_MS);
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
        ChangeQueue queue = new ChangeQueue(most);
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
            Batch batch = queue.take(1 + random.nextInt(40), LONG_MS);
            assertThat(batch.bytes()).isLessThan(most + largest);
            assertThat(batch.bytes())
                    .isEqualTo(numbers(batch).stream()
                            .mapToLong(n -> sizes[n.intValue()])
                            .sum());
            received.addAll(numbers(batch));
            if (batch.endsTransaction()) {
                assertThat(ends[received.get(received.size() - 1).intValue()]).isTrue();
            }
        }
        producer.get(30, TimeUnit.SECONDS);
        for (int i = 0; i < count; i++) {
            assertThat(received.get(i)).isEqualTo(i);
        }
    }
}
