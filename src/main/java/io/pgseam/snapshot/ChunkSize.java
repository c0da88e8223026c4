package io.pgseam.snapshot;

import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import java.util.List;

/** How large chunks are. By powers of two only: the width of a grid is part of a chunk's identity, and must not change with every row. */
public final class ChunkSize {

    /** So many chunks a task has at least: they end within the time of one chunk. */
    private static final int CHUNKS_PER_TASK = 32;

    /** A chunk costs a statement, a lock, and a key in the ledger: smaller ones would cost more than they are worth. */
    private static final long LEAST_BYTES = 2 << 20;

    private ChunkSize() {}

    /**
     * The size of chunks with which tasks of equal speed end at about the same time, in bytes.
     *
     * @param mostBytes {@code snapshot.chunk.size}, in bytes
     * @param tasks how many tasks share the copy
     */
    public static long bytes(List<CapturedTable> tables, long mostBytes, int tasks) {
        long total = tables.stream()
                .flatMap(table -> table.leaves().stream())
                .mapToLong(Leaf::bytes)
                .sum();
        long bytes = mostBytes;
        while (tasks > 1 && bytes > total / ((long) tasks * CHUNKS_PER_TASK) && bytes / 2 >= LEAST_BYTES) {
            bytes /= 2;
        }
        return bytes;
    }

    /**
     * The width of a relation's grid, in blocks. A heap of 3 GB can carry 900 GB of TOAST, so chunks are narrower if TOAST is large.
     *
     * @param chunkBytes size of a chunk, in bytes of heap and TOAST
     * @param blockBytes the server's block size, in bytes
     */
    static long blocks(Leaf leaf, long chunkBytes, int blockBytes) {
        long blocks = Math.max(1, chunkBytes / blockBytes);
        long heapBytes = Math.max(1, leaf.blocks()) * blockBytes;
        long ratio = Math.max(1, leaf.bytes() / heapBytes);
        return Math.max(1, blocks / Long.highestOneBit(ratio));
    }
}
