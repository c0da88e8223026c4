package io.pgseam.snapshot;

/**
 * How a copy task reads.
 *
 * @param chunkBytes {@code snapshot.chunk.size}, in bytes
 * @param strideBytes {@code snapshot.stride.size}, in bytes
 * @param lockTimeoutMs how long a chunk waits for its table's lock, in ms; 0 for ever
 * @param maxBatchRecords most records that one batch has
 * @param maxBatchBytes most bytes of COPY text that one batch has, give or take a row
 */
public record CopySettings(
        long chunkBytes, long strideBytes, int lockTimeoutMs, int maxBatchRecords, long maxBatchBytes) {

    /** How many blocks of a chunk one COPY reads. */
    long blocksPerStride(long blocksPerChunk) {
        return Math.max(1, blocksPerChunk * strideBytes / chunkBytes);
    }
}
