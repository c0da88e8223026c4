package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class ReadAheadTest {

    private static final long SOON_MS = 20;
    private static final long NEVER_MS = 60_000;

    private final ReadAhead ahead = new ReadAhead(1_000, 400, 10);

    private static Piece piece(int records, long bytes) {
        SourceRecord record = new SourceRecord(Map.of(), Map.of(), "t", null, null);
        return new Piece(Collections.nCopies(records, record), records, bytes, bytes, null, null);
    }

    @Test
    void takesNoMoreThanItsBytesAndAnythingWhenItIsEmpty() throws Exception {
        Piece huge = piece(1, 5_000);
        assertThat(ahead.offer(huge, SOON_MS)).isTrue();
        assertThat(ahead.room()).isZero();
        assertThat(ahead.offer(piece(1, 1), SOON_MS)).isFalse();
        assertThat(ahead.take(SOON_MS)).containsExactly(huge);
        assertThat(ahead.room()).isEqualTo(1_000);
        assertThat(ahead.offer(piece(1, 1), SOON_MS)).isTrue();
    }

    @Test
    void batchesAreBoundedInBytesAndRecords() throws Exception {
        for (int i = 0; i < 5; i++) {
            ahead.put(piece(1, 150));
        }
        assertThat(ahead.take(NEVER_MS)).hasSize(2);
        assertThat(ahead.take(NEVER_MS)).hasSize(2);
        ahead.end();
        assertThat(ahead.take(NEVER_MS)).hasSize(1);
        for (int i = 0; i < 3; i++) {
            ahead.put(piece(6, 1));
        }
        assertThat(ahead.take(NEVER_MS)).hasSize(1);
    }

    @Test
    void aBatchIsWaitedForUntilItIsHalfFull() throws Exception {
        ahead.put(piece(1, 10));
        CompletableFuture<List<Piece>> taken = take();
        ahead.put(piece(1, 100));
        assertThat(taken).isNotDone();
        ahead.put(piece(1, 100));
        assertThat(taken.get(30, TimeUnit.SECONDS)).hasSize(3);
    }

    @Test
    void nobodyWaitsForMoreWhenThereIsNoMore() throws Exception {
        CompletableFuture<List<Piece>> none = take();
        ahead.end();
        assertThat(none.get(30, TimeUnit.SECONDS)).isEmpty();
        ahead.put(piece(1, 10));
        assertThat(ahead.take(NEVER_MS)).hasSize(1);
    }

    @Test
    void whoeverWaitsForRowsCanBeWokenForSomethingElse() throws Exception {
        CompletableFuture<List<Piece>> none = take();
        ahead.wake();
        assertThat(none.get(30, TimeUnit.SECONDS)).isEmpty();
        assertThat(ahead.take(NEVER_MS)).isEmpty();
        ahead.forgetWake();
        assertThat(take()).isNotDone();
    }

    @Test
    void theReaderWaitsForRoomAndIsReleasedByTheEnd() throws Exception {
        ahead.put(piece(1, 900));
        CompletableFuture<Void> waiting = run(() -> ahead.awaitRoom(5_000));
        CompletableFuture<Void> putting = run(() -> ahead.put(piece(1, 200)));
        assertThat(waiting).isNotDone();
        assertThat(putting).isNotDone();
        ahead.take(NEVER_MS);
        waiting.get(30, TimeUnit.SECONDS);
        putting.get(30, TimeUnit.SECONDS);
        ahead.put(piece(1, 800));
        CompletableFuture<Void> stopped = run(() -> ahead.put(piece(1, 200)));
        ahead.close();
        stopped.get(30, TimeUnit.SECONDS);
        assertThat(ahead.take(NEVER_MS)).isEmpty();
    }

    private CompletableFuture<List<Piece>> take() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return ahead.take(NEVER_MS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private static CompletableFuture<Void> run(Work work) {
        return CompletableFuture.runAsync(() -> {
            try {
                work.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }
}
