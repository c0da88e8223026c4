package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger keeps of a table whose chunks are all copied.
 *
 * @param generation the anchor at which the last of them was read
 * @param anchorLsn that anchor's LSN
 * @param rows rows that were read
 * @param bytes bytes of COPY text that were read
 * @param ranges where the rows are, and how many of them are in no topic
 */
public record CopiedTable(int generation, Lsn anchorLsn, long rows, long bytes, OffsetRanges.Snapshot ranges) {

    /** A table of which no chunk was added yet. */
    public static CopiedTable nothing(Anchor anchor) {
        return new CopiedTable(anchor.generation(), anchor.lsn(), 0, 0, OffsetRanges.Snapshot.EMPTY);
    }

    /** The anchor at which the last chunk was read. */
    public Anchor anchor() {
        return new Anchor(generation, anchorLsn);
    }

    /** Returns a copy that includes a chunk. */
    public CopiedTable with(ChunkProgress chunk) {
        return new CopiedTable(
                generation, anchorLsn, rows + chunk.rows(), bytes + chunk.bytes(), ranges.union(chunk.ranges()));
    }

    /** Returns a copy that includes what was copied of other relations of the table before. */
    public CopiedTable with(CopiedTable earlier) {
        return new CopiedTable(
                generation, anchorLsn, rows + earlier.rows, bytes + earlier.bytes, ranges.union(earlier.ranges));
    }

    /**
     * The source partition of a table's entry.
     *
     * @param server {@code topic.prefix}
     * @param tableOid the table's OID
     */
    public static Map<String, Object> sourcePartition(String server, long tableOid) {
        return LedgerMap.of("server", server, "copied_table", tableOid);
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; null if there is none. */
    public static @Nullable CopiedTable fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return null;
        }
        OffsetFields fields = new OffsetFields(offset);
        return new CopiedTable(
                fields.integer("generation"),
                fields.lsn("anchor"),
                fields.number("rows"),
                fields.number("bytes"),
                fields.ranges());
    }

    /** The source offset of the entry. */
    public Map<String, Object> toSourceOffset() {
        return LedgerMap.of(
                "generation",
                (long) generation,
                "anchor",
                anchorLsn.toString(),
                "rows",
                rows,
                "bytes",
                bytes,
                "left_out",
                ranges.leftOut() == 0 ? null : ranges.leftOut(),
                "offsets",
                ranges.text(),
                "offsets_unknown",
                ranges.exact() ? null : true);
    }
}
