package io.pgseam.snapshot;

import io.pgseam.pg.TableId;
import io.pgseam.phase.ChunkId;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A relation to copy, cut into chunks.
 *
 * @param table the table that its rows belong to
 * @param relation the relation that holds the rows
 * @param oid the relation's OID
 * @param filenode its filenode when it was planned
 * @param blocks its heap, in blocks, when it was planned
 * @param bytes its heap and TOAST, in bytes, when it was planned
 * @param blocksPerChunk width of its grid, in blocks
 * @param since the generation at which its copy began
 * @param needsNoCopy whether it was streamed from its beginning: it is covered, and has no chunk
 * @param place where it was at the anchor, see {@link io.pgseam.pg.catalog.PublicationVersions#placeOf}; empty in plans of older releases
 * @param condition SQL by which the rows of its copy are chosen, because a signal asks only for these; empty for every row. All others are
 *     copied and streamed already
 * @param asked SQL of another copy that signals ask for of it, once it is copied; empty if they do not. It is not stored
 */
public record PlannedRelation(
        PlannedTable table,
        TableId relation,
        long oid,
        long filenode,
        long blocks,
        long bytes,
        long blocksPerChunk,
        int since,
        boolean needsNoCopy,
        String place,
        String condition,
        String asked) {

    /** A relation of which every row is copied. */
    public PlannedRelation(
            PlannedTable table,
            TableId relation,
            long oid,
            long filenode,
            long blocks,
            long bytes,
            long blocksPerChunk,
            int since,
            boolean needsNoCopy,
            String place) {
        this(table, relation, oid, filenode, blocks, bytes, blocksPerChunk, since, needsNoCopy, place, "", "");
    }

    /** A relation whose place was not read. */
    public PlannedRelation(
            PlannedTable table,
            TableId relation,
            long oid,
            long filenode,
            long blocks,
            long bytes,
            long blocksPerChunk,
            int since,
            boolean needsNoCopy) {
        this(table, relation, oid, filenode, blocks, bytes, blocksPerChunk, since, needsNoCopy, "");
    }

    public PlannedRelation {
        if (blocksPerChunk < 1) {
            throw new IllegalArgumentException("a chunk of " + relation + " needs at least one block");
        }
    }

    /**
     * How many chunks; an empty relation has one, since every copied relation has an entry in the ledger. None where nothing is
     * to be copied.
     */
    public long chunks() {
        return needsNoCopy ? 0 : Math.max(1, (blocks + blocksPerChunk - 1) / blocksPerChunk);
    }

    /** The chunk at this place of the grid, from 0. */
    public ChunkId chunk(long number) {
        return new ChunkId(relation, filenode, blocksPerChunk, number, since);
    }

    /** Its chunks, in their order. */
    public List<ChunkId> everyChunk() {
        return LongStream.range(0, chunks()).mapToObj(this::chunk).toList();
    }

    /** Whether it is a relation of the same name, whose rows go to the same place: of the same file or another. */
    public boolean isSameAs(PlannedRelation other) {
        return oid == other.oid && relation.equals(other.relation) && table.id().equals(other.table.id());
    }

    /**
     * Whether it was at its place all the time, so that every change of it was published.
     *
     * @param now where it is now; empty if it is in the publication no longer, so that nothing more is expected of it
     */
    public boolean isAt(String now) {
        return place.isEmpty() || now.isEmpty() || place.equals(now);
    }

    /** Its copy, continued with what the table is by now. */
    PlannedRelation of(PlannedTable now) {
        return new PlannedRelation(
                now,
                relation,
                oid,
                filenode,
                blocks,
                bytes,
                blocksPerChunk,
                since,
                needsNoCopy,
                place,
                condition,
                asked);
    }

    /** The same at a place. */
    PlannedRelation at(String where) {
        return new PlannedRelation(
                table,
                relation,
                oid,
                filenode,
                blocks,
                bytes,
                blocksPerChunk,
                since,
                needsNoCopy,
                where,
                condition,
                asked);
    }

    /**
     * The same, of which only some rows are copied, or for which another copy is asked.
     *
     * @param rows see {@link #condition}
     * @param more see {@link #asked}
     */
    PlannedRelation choosing(String rows, String more) {
        return new PlannedRelation(
                table, relation, oid, filenode, blocks, bytes, blocksPerChunk, since, needsNoCopy, place, rows, more);
    }

    /** Whether a signal asks for another copy of it. */
    public boolean isAskedFor() {
        return table.isRequested() || !asked.isEmpty();
    }

    /** Whether all of its rows are copied, or it needs no copy. */
    public boolean isWhole() {
        return condition.isEmpty();
    }

    /** The same, which is streamed from its beginning. */
    PlannedRelation withoutCopy() {
        return new PlannedRelation(table, relation, oid, filenode, 0, 0, blocksPerChunk, since, true, place);
    }

    /**
     * The block after the last one of a chunk of this relation: by the grid, and at most the end of the heap when it was planned.
     * The snapshot shows no row beyond. The plan is made after the snapshot, so a page that was added to the heap after the plan
     * holds only row versions that are younger than the snapshot, and the stream brings them.
     */
    long endBlock(ChunkId chunk) {
        return Math.min(chunk.endBlock(), blocks);
    }

    /** Bytes of the relation that lie in the chunk at this place of the grid, if its rows are spread evenly. */
    long bytesOf(long number) {
        long first = number * blocksPerChunk;
        long end = Math.min(first + blocksPerChunk, blocks);
        return blocks == 0 ? bytes : Math.round((double) bytes / blocks * (end - first));
    }

    /**
     * How many blocks one COPY reads.
     *
     * @param strideBytes {@code snapshot.stride.size}, in bytes of heap and TOAST
     */
    long blocksPerStride(long strideBytes) {
        long strides = Math.max(1, bytes / strideBytes);
        return Math.max(1, Math.min(blocksPerChunk, blocks / strides));
    }

    /** Bytes of the relation that lie in one chunk, on the average. */
    public long bytesPerChunk() {
        return bytes / Math.max(1, chunks());
    }
}
