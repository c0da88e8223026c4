package io.pgseam.phase;

import io.pgseam.pg.TableId;
import java.util.Map;

/**
 * The identity of a chunk, and its key in the ledger: blocks {@code [number * blocksPerChunk, (number + 1) *
 * blocksPerChunk)} of one file of one relation. A rewritten relation has another filenode, so its chunks are others.
 *
 * @param relation the relation: a leaf, where the table is partitioned
 * @param filenode {@code pg_relation_filenode()} when it was planned
 * @param blocksPerChunk width of the grid, in blocks
 * @param number place on the grid, from 0
 * @param since the generation from which on its progress counts: what was said of it before is of a copy that was given up. No
 *     part of its key
 */
public record ChunkId(TableId relation, long filenode, long blocksPerChunk, long number, int since) {

    public ChunkId {
        if (blocksPerChunk < 1 || number < 0) {
            throw new IllegalArgumentException("no such chunk: " + number + " of " + blocksPerChunk + " blocks");
        }
    }

    /** The first block of the chunk. */
    public long firstBlock() {
        return number * blocksPerChunk;
    }

    /** The block after the last one of the chunk, by the grid. */
    public long endBlock() {
        return firstBlock() + blocksPerChunk;
    }

    /** The source partition of the chunk's records. */
    public Map<String, Object> sourcePartition(String server) {
        return LedgerMap.of(
                "server", server,
                "schema", relation.schema(),
                "table", relation.name(),
                "filenode", filenode,
                "blocks", blocksPerChunk,
                "chunk", number);
    }

    @Override
    public String toString() {
        return "chunk " + number + " of " + relation;
    }
}
