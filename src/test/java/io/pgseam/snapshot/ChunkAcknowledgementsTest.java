package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.phase.OffsetRanges.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChunkAcknowledgementsTest {

    @Test
    void isCompleteWhenEveryRowThatWasSentIsAcknowledged() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(Snapshot.EMPTY, 0);
        assertThat(acknowledgements.complete()).as("nothing was sent").isTrue();
        acknowledgements.sending(2);
        assertThat(acknowledgements.complete()).isFalse();
        acknowledgements.acknowledge("orders", 0, 5);
        assertThat(acknowledgements.complete()).isFalse();
        acknowledgements.acknowledge("orders", 1, 9);
        assertThat(acknowledgements.complete()).isTrue();
        acknowledgements.sending(1);
        assertThat(acknowledgements.complete()).isFalse();
    }

    @Test
    void notesWhereTheRowsStand() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(Snapshot.EMPTY, 0);
        acknowledgements.sending(3);
        acknowledgements.acknowledge("orders", 1, 9);
        acknowledgements.acknowledge("orders", 0, 5);
        acknowledgements.acknowledge("orders", 1, 7);
        assertThat(acknowledgements.ranges().text()).isEqualTo("orders/0:5-5 orders/1:7-9");
        assertThat(acknowledgements.located()).isEqualTo(3);
    }

    @Test
    void countsARowThatWasDroppedOnTheWay() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(Snapshot.EMPTY, 0);
        acknowledgements.sending(1);
        acknowledgements.acknowledgeDropped();
        assertThat(acknowledgements.complete()).isTrue();
        assertThat(acknowledgements.located()).isEqualTo(1);
        assertThat(acknowledgements.ranges()).isEqualTo(Snapshot.EMPTY);
    }

    @Test
    void goesOnFromWhatAnEarlierReaderLeft() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(Snapshot.parse("orders/0:1-4", false), 100);
        acknowledgements.sending(1);
        acknowledgements.acknowledge("orders", 0, 9);
        assertThat(acknowledgements.complete()).isTrue();
        assertThat(acknowledgements.located()).isEqualTo(101);
        assertThat(acknowledgements.ranges()).isEqualTo(Snapshot.parse("orders/0:1-9", false));
    }

    @Test
    void countsFromTheProducersThreadWhileTheTaskSends() throws Exception {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(Snapshot.EMPTY, 0);
        int threads = 4;
        int rows = 5_000;
        List<CompletableFuture<Void>> producers = new ArrayList<>();
        acknowledgements.sending(threads * rows);
        for (int thread = 0; thread < threads; thread++) {
            int partition = thread;
            producers.add(CompletableFuture.runAsync(() -> {
                for (int row = 0; row < rows; row++) {
                    acknowledgements.acknowledge("orders", partition, row);
                }
            }));
        }
        for (CompletableFuture<Void> producer : producers) {
            producer.get(30, TimeUnit.SECONDS);
        }
        assertThat(acknowledgements.complete()).isTrue();
        assertThat(acknowledgements.ranges().text())
                .isEqualTo("orders/0:0-4999 orders/1:0-4999 orders/2:0-4999 orders/3:0-4999");
    }
}
