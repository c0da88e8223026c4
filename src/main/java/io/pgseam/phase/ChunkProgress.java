package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger says of a chunk: the source offset of its records.
 *
 * @param generation the anchor at which it is or was read
 * @param anchorLsn that anchor's LSN
 * @param nextBlock the first block not read yet
 * @param rowsIntoStride how many rows of the stride that begins at {@code nextBlock} are already in Kafka. Rows of a stride
 *     come in the order of their ctid, which is the same at every reading of the same snapshot; at another anchor the
 *     stride is read whole
 * @param done true when every row was acknowledged by Kafka (invariant I5)
 * @param rows rows so far
 * @param bytes bytes of COPY text so far
 * @param located how many of these rows have their positions in {@code ranges}; fewer than {@code rows} while the last ones
 *     are not acknowledged yet
 * @param hash sum of the rows' hashes as they are sent, see {@link io.pgseam.record.MessageHash}, those that Connect drops too; null
 *     if that of some row is not known
 * @param ranges where the located rows are, how many there are in each topic partition, and how many are in no topic
 */
public record ChunkProgress(
        int generation,
        Lsn anchorLsn,
        long nextBlock,
        long rowsIntoStride,
        boolean done,
        long rows,
        long bytes,
        long located,
        @Nullable Long hash,
        OffsetRanges.Snapshot ranges) {

    /** A chunk of which nothing was read yet. */
    public static ChunkProgress start(ChunkId chunk, Anchor anchor) {
        return new ChunkProgress(
                anchor.generation(),
                anchor.lsn(),
                chunk.firstBlock(),
                0,
                false,
                0,
                0,
                0,
                0L,
                OffsetRanges.Snapshot.EMPTY);
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null where there is none. */
    public static @Nullable ChunkProgress fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null || !offset.containsKey("next_block")) {
            return null;
        }
        OffsetFields fields = new OffsetFields(offset);
        return new ChunkProgress(
                fields.integer("generation"),
                fields.lsn("anchor"),
                fields.number("next_block"),
                fields.numberOr("rows_into_stride", 0),
                fields.flag("done"),
                fields.number("rows"),
                fields.number("bytes"),
                fields.number("located"),
                fields.bitsOr("sum", null),
                fields.ranges());
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(
                "generation",
                (long) generation,
                "anchor",
                anchorLsn.toString(),
                "next_block",
                nextBlock,
                "rows_into_stride",
                rowsIntoStride == 0 ? null : rowsIntoStride,
                "done",
                done,
                "rows",
                rows,
                "bytes",
                bytes,
                "located",
                located,
                "left_out",
                ranges.leftOut() == 0 ? null : ranges.leftOut(),
                "sum",
                hash == null ? null : Long.toHexString(hash),
                "offsets",
                ranges.text(),
                "offsets_unknown",
                ranges.exact() ? null : true);
    }

    /**
     * This progress, taken over by a task that reads at the given anchor. Where rows are in Kafka whose positions were not written
     * down, because their task died before it could, the ranges are no longer exact, and say so.
     */
    public ChunkProgress resumedAt(Anchor anchor) {
        // An anchor that was lost before anything was committed at it leaves its number to the next one.
        boolean sameSnapshot = anchor.generation() == generation && anchor.lsn().equals(anchorLsn);
        OffsetRanges.Snapshot known =
                new OffsetRanges.Snapshot(ranges.ranges(), ranges.exact() && located == rows, ranges.leftOut());
        return new ChunkProgress(
                anchor.generation(),
                anchor.lsn(),
                nextBlock,
                sameSnapshot ? rowsIntoStride : 0,
                done,
                rows,
                bytes,
                rows,
                hash,
                known);
    }

    /** The same, with what is known of the rows that Kafka has acknowledged. */
    public ChunkProgress acknowledged(long nowLocated, OffsetRanges.Snapshot nowRanges) {
        return new ChunkProgress(
                generation, anchorLsn, nextBlock, rowsIntoStride, done, rows, bytes, nowLocated, hash, nowRanges);
    }

    /** The same chunk, of which every row is acknowledged. */
    public ChunkProgress finished() {
        return new ChunkProgress(generation, anchorLsn, nextBlock, 0, true, rows, bytes, located, hash, ranges);
    }
}
