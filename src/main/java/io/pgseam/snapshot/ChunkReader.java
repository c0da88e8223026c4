package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.record.ByteRecords;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * Reads one chunk, stride by stride, into batches of records.
 *
 * <p>Every batch ends with a record whose source offset says exactly how far the chunk has come: the block, and the number
 * of rows within the stride. The records before it carry what was true when the batch began, so no committed offset ever
 * claims a row that was not sent.
 */
final class ChunkReader {

    /** How a batch ended. */
    enum Progress {
        /** The batch is full; the chunk goes on. */
        FULL,
        /** Every row of the chunk is in this batch or one before. */
        CHUNK_READ
    }

    /** undefined_table, undefined_column, undefined_object, invalid_schema_name. */
    private static final Set<String> MISFITS = Set.of("42P01", "42703", "42704", "3F000");

    private static final byte[] NO_BYTES = new byte[0];

    private final CopyStatement statement;
    private final ChunkId chunk;
    private final long endBlock;
    private final long blocksPerStride;
    private final TableRecords records;
    private final SnapshotPlace placeOfFirstRow;
    private final CopyRowParser parser;
    private final Anchor anchor;
    private final Map<String, Object> partition;
    private final ChunkAcknowledgements acknowledgements;
    private final MessageLimit limit;
    private final TableId table;
    private final List<Column> columns;
    private final TextRow row = new TextRow();
    private final RowHash rowHash = new RowHash();

    private long nextBlock;
    private long rowsIntoStride;
    private long rows;
    private long bytes;
    private long hash;
    private @Nullable CopyOut copy;
    private long rowsToSkip;
    private long batchBytes;
    private long bytesBefore;

    /**
     * @param planned the chunk
     * @param from where to begin: what the ledger says of the chunk
     * @param blocksPerStride how many blocks one COPY reads
     * @param placeOfFirstRow where the chunk's first row stands in the copy
     * @param partition the source partition of the chunk's records
     * @param columns the table's columns
     */
    ChunkReader(
            CopyPlan.PlannedChunk planned,
            ChunkProgress from,
            Anchor anchor,
            long blocksPerStride,
            CopyStatement statement,
            CopyRowParser parser,
            TableRecords records,
            SnapshotPlace placeOfFirstRow,
            Map<String, Object> partition,
            MessageLimit limit,
            List<Column> columns) {
        this.statement = statement;
        this.chunk = planned.id();
        this.endBlock = planned.relation().endBlock(planned.id());
        this.blocksPerStride = blocksPerStride;
        this.records = records;
        this.placeOfFirstRow = placeOfFirstRow;
        this.parser = parser;
        this.anchor = anchor;
        this.partition = partition;
        this.limit = limit;
        this.table = planned.relation().table().id();
        this.columns = columns;
        this.nextBlock = from.nextBlock();
        this.rowsIntoStride = from.rowsIntoStride();
        this.rows = from.rows();
        this.bytes = from.bytes();
        this.hash = from.hash();
        this.acknowledgements = new ChunkAcknowledgements(from.ranges(), from.located());
    }

    ChunkId chunk() {
        return chunk;
    }

    Map<String, Object> partition() {
        return partition;
    }

    ChunkAcknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** Bytes of COPY text that the last batch was made from. */
    long batchTextBytes() {
        return bytes - bytesBefore;
    }

    /** Bytes of memory that the records of the last batch take, about. */
    long batchBytes() {
        return batchBytes;
    }

    /**
     * Adds rows to the batch until it is full or the chunk is read.
     *
     * @param session inside the anchor's snapshot, with the relation locked
     * @param batch where records are added at the end
     * @param maxRecords how many records the batch may have in the end
     * @param maxBytes how many bytes of records may be added, give or take a row
     * @throws SQLException where the server fails; nothing is added to the batch then, and another session in the same
     *     snapshot may go on
     * @throws MisfitException where the relation or a column is gone
     */
    Progress read(SnapshotSession session, List<SourceRecord> batch, int maxRecords, long maxBytes)
            throws SQLException, MisfitException {
        ChunkProgress before = progress(false);
        int start = batch.size();
        try {
            return fill(session, batch, maxRecords, maxBytes, before.toSourceOffset());
        } catch (SQLException e) {
            batch.subList(start, batch.size()).clear();
            returnTo(before);
            throw misfitOr(e, chunk.relation(), anchor);
        }
    }

    /**
     * The same failure, unless it says that the relation is no longer what the plan says.
     *
     * @throws MisfitException where the relation or a column is gone
     */
    static SQLException misfitOr(SQLException failure, TableId relation, Anchor anchor) throws MisfitException {
        if (MISFITS.contains(String.valueOf(failure.getSQLState()))) {
            throw new MisfitException(
                    relation, "table " + relation + " was dropped, renamed or altered since " + anchor);
        }
        return failure;
    }

    private Progress fill(
            SnapshotSession session,
            List<SourceRecord> batch,
            int maxRecords,
            long maxBytes,
            Map<String, Object> before)
            throws SQLException {
        int start = batch.size();
        batchBytes = 0;
        bytesBefore = bytes;
        Progress result = Progress.FULL;
        while (batch.size() < maxRecords && batchBytes < maxBytes) {
            if (copy == null && nextBlock >= endBlock) {
                result = Progress.CHUNK_READ;
                break;
            }
            byte[] line = stride(session).readFromCopy();
            if (line == null) {
                finishStride();
            } else if (rowsToSkip > 0) {
                rowsToSkip--;
            } else {
                batch.add(toRecord(line, before));
            }
        }
        int added = batch.size() - start;
        if (added > 0) {
            acknowledgements.sending(added);
            int last = batch.size() - 1;
            batch.set(
                    last,
                    ByteRecords.withOffset(batch.get(last), progress(false).toSourceOffset()));
        }
        return result;
    }

    /**
     * Ends the COPY that is under way, between two batches: the next one goes on after the rows that were sent. The rest of the
     * stride is read and thrown away, for the driver does not read the server's answer to the cancelling of a COPY, and takes it
     * for that to the next statement.
     *
     * @throws SQLException where the session is lost
     */
    void endCopy() throws SQLException {
        CopyOut open = copy;
        copy = null;
        while (open != null && open.readFromCopy() != null) {
            // Thrown away.
        }
    }

    /** Forgets what was read since: it was not sent. */
    private void returnTo(ChunkProgress before) {
        copy = null;
        nextBlock = before.nextBlock();
        rowsIntoStride = before.rowsIntoStride();
        rows = before.rows();
        bytes = before.bytes();
        bytesBefore = bytes;
        hash = before.hash();
        batchBytes = 0;
    }

    private SourceRecord toRecord(byte[] line, Map<String, Object> offset) {
        int length = line.length;
        SnapshotPlace place = rows == 0 ? placeOfFirstRow : SnapshotPlace.WITHIN;
        hash += rowHash.of(line, length - 1);
        rows++;
        bytes += length;
        batchBytes += records.memoryOf(length);
        rowsIntoStride++;
        parser.parse(line, 0, length, row);
        SourceRecord record = records.snapshotRow(row, place, anchor.lsn(), partition, offset);
        // A huge line is let go of at once, not only when the next one comes (I11).
        row.reset(NO_BYTES);
        return limit.admit(record, table, columns, anchor.lsn(), 0);
    }

    private long strideEnd() {
        // On the grid of strides, wherever the ledger let us begin.
        long fromChunk = nextBlock - chunk.firstBlock();
        long end = chunk.firstBlock() + (fromChunk / blocksPerStride + 1) * blocksPerStride;
        return Math.min(end, endBlock);
    }

    private CopyOut stride(SnapshotSession session) throws SQLException {
        if (copy == null) {
            long end = strideEnd();
            copy = session.copyOut(statement.forBlocks(nextBlock, end));
            rowsToSkip = rowsIntoStride;
        }
        return copy;
    }

    private void finishStride() {
        copy = null;
        nextBlock = strideEnd();
        rowsIntoStride = 0;
    }

    /** How far the chunk has come. */
    ChunkProgress progress(boolean done) {
        return new ChunkProgress(
                anchor.generation(),
                anchor.lsn(),
                nextBlock,
                rowsIntoStride,
                done,
                rows,
                bytes,
                acknowledgements.located(),
                hash,
                acknowledgements.ranges());
    }
}
