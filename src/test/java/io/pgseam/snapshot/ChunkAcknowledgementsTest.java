package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.OffsetRanges.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChunkAcknowledgementsTest {

    private static final ChunkProgress START =
            ChunkProgress.start(new ChunkId(new TableId("public", "orders"), 1, 16, 0, 1), new Anchor(1, new Lsn(100)));

    @Test
    void isCompleteWhenTheWholeChunkIsReadAndEveryRowOfItAcknowledged() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START);
        acknowledgements.read(2);
        acknowledgements.acknowledgeUnhashed("orders", 0, 5, 1);
        acknowledgements.acknowledgeUnhashed("orders", 1, 9, 1);
        assertThat(acknowledgements.complete()).as("more may be read").isFalse();
        acknowledgements.read(1);
        acknowledgements.wholeChunkIsRead();
        assertThat(acknowledgements.complete()).isFalse();
        acknowledgements.acknowledgeUnhashed("orders", 1, 10, 1);
        assertThat(acknowledgements.complete()).isTrue();
    }

    @Test
    void isCompleteWithoutARow() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START);
        acknowledgements.wholeChunkIsRead();
        assertThat(acknowledgements.complete()).isTrue();
    }

    @Test
    void notesWhereTheRowsStand() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START);
        acknowledgements.read(3);
        acknowledgements.acknowledge("orders", 1, 9, 1, 1);
        acknowledgements.acknowledge("orders", 0, 5, 1, 2);
        acknowledgements.acknowledge("orders", 1, 7, 1, 4);
        assertThat(described(acknowledgements).ranges().text()).isEqualTo("orders/0:5-5:1:2 orders/1:7-9:2:5");
        assertThat(described(acknowledgements).located()).isEqualTo(3);
    }

    @Test
    void countsARowThatIsInNoTopic() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START);
        acknowledgements.read(1);
        acknowledgements.acknowledgeLeftOut(1);
        acknowledgements.wholeChunkIsRead();
        assertThat(acknowledgements.complete()).isTrue();
        assertThat(described(acknowledgements).ranges().leftOut()).isEqualTo(1);
        assertThat(described(acknowledgements).located()).isEqualTo(1);
        assertThat(described(acknowledgements).ranges()).isEqualTo(Snapshot.EMPTY.withLeftOut(1));
    }

    @Test
    void goesOnFromWhatAnEarlierReaderLeft() {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START.acknowledged(
                100, Snapshot.parse("orders/0:1-4:4:5", false).withLeftOut(7)));
        acknowledgements.read(1);
        acknowledgements.acknowledge("orders", 0, 9, 1, 3);
        assertThat(described(acknowledgements).located()).isEqualTo(101);
        assertThat(described(acknowledgements).ranges().leftOut()).isEqualTo(7);
        assertThat(described(acknowledgements).ranges())
                .isEqualTo(Snapshot.parse("orders/0:1-9:5:8", false).withLeftOut(7));
    }

    @Test
    void countsFromTheProducersThreadWhileTheTaskSends() throws Exception {
        ChunkAcknowledgements acknowledgements = new ChunkAcknowledgements(START);
        int threads = 4;
        int rows = 5_000;
        List<CompletableFuture<Void>> producers = new ArrayList<>();
        acknowledgements.read(threads * rows);
        for (int thread = 0; thread < threads; thread++) {
            int partition = thread;
            producers.add(CompletableFuture.runAsync(() -> {
                for (int row = 0; row < rows; row++) {
                    acknowledgements.acknowledge("orders", partition, row, 1, 1);
                }
            }));
        }
        for (CompletableFuture<Void> producer : producers) {
            producer.get(30, TimeUnit.SECONDS);
        }
        acknowledgements.wholeChunkIsRead();
        assertThat(acknowledgements.complete()).isTrue();
        assertThat(described(acknowledgements).ranges().text())
                .isEqualTo("orders/0:0-4999:5000:1388 orders/1:0-4999:5000:1388 orders/2:0-4999:5000:1388"
                        + " orders/3:0-4999:5000:1388");
    }

    private static ChunkProgress described(ChunkAcknowledgements acknowledgements) {
        return acknowledgements.describe(START);
    }
}
