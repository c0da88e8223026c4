package io.pgseam.snapshot;

import io.pgseam.phase.ChunkProgress;
import io.pgseam.record.RecordOffsets;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records that go to Connect together: rows of one chunk, or what a task announces.
 *
 * @param records in their order; the list belongs to the piece
 * @param rows how many rows they hold
 * @param bytes about how much memory they take, in bytes
 * @param textBytes bytes of COPY text that they were made from
 * @param chunk the chunk that the rows belong to; null for announcements
 * @param progress how far the chunk has come with the last row; null for announcements
 */
record Piece(
        List<SourceRecord> records,
        int rows,
        long bytes,
        long textBytes,
        @Nullable ChunkReader chunk,
        @Nullable ChunkProgress progress) {

    /** What a task announces: it has offsets of its own. */
    static Piece announcement(List<SourceRecord> records) {
        return new Piece(records, 0, 0, 0, null, null);
    }

    /**
     * Adds the records to a batch. The last row's source offset says how far the chunk has come, with the positions of those rows
     * of the chunk that are acknowledged now.
     */
    void addTo(List<SourceRecord> batch) {
        batch.addAll(records);
        if (chunk != null && progress != null) {
            int last = batch.size() - 1;
            batch.set(
                    last,
                    RecordOffsets.withOffset(
                            batch.get(last),
                            chunk.acknowledgements().describe(progress).toSourceOffset()));
        }
    }
}
