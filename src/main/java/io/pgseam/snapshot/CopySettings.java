package io.pgseam.snapshot;

/**
 * How a copy task reads.
 *
 * @param strideBytes {@code snapshot.stride.size}, in bytes
 * @param lockTimeoutMs how long a stride waits for its table's lock, in ms; 0 waits without end
 * @param maxBatchRecords {@code max.batch.size}: most records of a batch
 * @param maxQueueBytes {@code max.queue.size.in.bytes}: most bytes of records that are read ahead
 * @param sentAsMade whether Kafka gets the bytes of a record as they are here: no transformation changes them
 * @param replaceInvalidText whether a text that cannot be converted to UTF-8 gets U+FFFD; else it ends the copy
 */
public record CopySettings(
        long strideBytes,
        int lockTimeoutMs,
        int maxBatchRecords,
        long maxQueueBytes,
        boolean sentAsMade,
        boolean replaceInvalidText) {

    /** One batch is one Kafka transaction: smaller ones cost throughput, larger ones memory. */
    private static final long MOST_BATCH_BYTES = 16 << 20;

    /** How far apart source offsets are that say exactly how far a chunk has come. */
    private static final long MOST_PIECE_BYTES = 1 << 20;

    /** The same if rows are packed: each piece ends all messages that are being filled. */
    private static final long MOST_PACKED_PIECE_BYTES = 4 << 20;

    private static final int MOST_PIECE_RECORDS = 2_048;

    /** The queue holds several pieces. */
    private static final int PIECES = 4;

    /** Most bytes of records that a batch has, give or take a piece. */
    long batchBytes() {
        return Math.min(MOST_BATCH_BYTES, maxQueueBytes);
    }

    /** Most bytes of records that a piece has, give or take a row. */
    long pieceBytes() {
        return Math.min(MOST_PIECE_BYTES, maxQueueBytes / PIECES);
    }

    /** The same if rows are packed. */
    long packedPieceBytes() {
        return Math.min(MOST_PACKED_PIECE_BYTES, maxQueueBytes / PIECES);
    }

    /** Most records that a piece has. */
    int pieceRecords() {
        return Math.min(MOST_PIECE_RECORDS, maxBatchRecords);
    }
}
