package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.record.RowPack;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.task.MessageLimit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * Reads one chunk, stride by stride, into pieces of records.
 *
 * <p>Every piece ends with a record whose source offset says exactly how far the chunk has come: the block, and the number of
 * rows from there. The records before it carry what was true when the piece began, so no committed offset ever claims a row that
 * was not sent.
 */
final class ChunkReader {

    /** Takes pieces while a COPY is under way. */
    interface Sink {
        /** Returns false if there is no room for the piece soon: the COPY is to end. */
        boolean offer(Piece piece) throws InterruptedException;
    }

    /** What a record takes in a worker's memory besides its key and value: the objects around them, and Connect's own. */
    private static final int RECORD_BYTES = 200;

    private static final byte[] NO_BYTES = new byte[0];

    private final CopyPlan.PlannedChunk planned;
    private final ChunkId chunk;
    private final long endBlock;
    private final CopySettings settings;
    private String condition;
    private CopyStatement statement;
    private final CopyRowParser parser;
    private final TableRecords records;
    private final List<Column> columns;
    private final SnapshotPlace placeOfFirstRow;
    private final Anchor anchor;
    private final Map<String, Object> partition;
    private final ChunkAcknowledgements acknowledgements;
    private final MessageLimit limit;
    private final @Nullable RowPack pack;
    private final TextRow row = new TextRow();
    private final SentRows sent;
    private @Nullable UnconvertedColumns unconverted;

    private long nextBlock;
    private long rowsIntoStride;
    private long rows;
    private long bytes;
    private long hash;
    private boolean hashed;

    private List<SourceRecord> piece = new ArrayList<>();
    private Map<String, Object> offsetBeforePiece;
    private int pieceRows;
    private long pieceBytes;
    private long pieceTextBytes;
    private @Nullable Piece refused;
    private long memoryRead;
    private long blocksRead;

    /**
     * @param planned the chunk
     * @param from where to begin: what the ledger says of the chunk
     * @param records makes the records of the table
     * @param columns the table's columns
     * @param placeOfFirstRow where the chunk's first row is in the copy
     * @param partition the source partition of the chunk's records
     * @param pack where its rows go unless each is a record of its own; it is empty whenever no chunk is being read
     */
    ChunkReader(
            CopyPlan.PlannedChunk planned,
            ChunkProgress from,
            Anchor anchor,
            CopySettings settings,
            TableRecords records,
            List<Column> columns,
            SnapshotPlace placeOfFirstRow,
            Map<String, Object> partition,
            MessageLimit limit,
            @Nullable RowPack pack) {
        PlannedRelation relation = planned.relation();
        this.planned = planned;
        this.chunk = planned.id();
        this.endBlock = relation.endBlock(chunk);
        this.settings = settings;
        this.condition = relation.condition();
        this.statement = statement(Set.of());
        this.parser = new CopyRowParser(columns.size());
        this.records = records;
        this.columns = columns;
        this.placeOfFirstRow = placeOfFirstRow;
        this.anchor = anchor;
        this.partition = partition;
        this.limit = limit;
        this.sent = new SentRows(settings.sentAsMade());
        this.pack = pack;
        this.nextBlock = from.nextBlock();
        this.rowsIntoStride = from.rowsIntoStride();
        this.rows = from.rows();
        this.bytes = from.bytes();
        this.hashed = from.hash() != null;
        this.hash = from.hash() == null ? 0 : from.hash();
        this.acknowledgements = new ChunkAcknowledgements(from);
        this.offsetBeforePiece = acknowledgements.describe(progress()).toSourceOffset();
    }

    CopyPlan.PlannedChunk planned() {
        return planned;
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

    /** Whether every block is read. */
    boolean isRead() {
        return nextBlock >= endBlock;
    }

    /** About how many bytes of memory the records of the next stride take: by those before it, or by the size of the relation. */
    long bytesOfNextStride() {
        return Math.round(bytesOfBlock() * (gridEnd() - nextBlock));
    }

    private double bytesOfBlock() {
        if (blocksRead > 0) {
            return Math.max(1, (double) memoryRead / blocksRead);
        }
        PlannedRelation relation = planned.relation();
        long textBytes = relation.bytes() / Math.max(1, relation.blocks());
        return Math.max(1, records.memoryOf((int) Math.min(textBytes, Integer.MAX_VALUE)));
    }

    /**
     * Reads the next stride, or as much of it as there is room for. Its last rows may be left in {@link #rest()}.
     *
     * @param session inside the anchor's snapshot, with the relation locked
     * @param room about how many bytes of records the sink takes soon
     * @throws SQLException if the server fails. What was read before is valid; another session in the same snapshot may
     *     resume
     */
    void read(SnapshotSession session, long room, Sink sink) throws SQLException, InterruptedException {
        long end = Math.min(gridEnd(), nextBlock + Math.max(1, (long) (room / bytesOfBlock())));
        CopyOut copy = session.copyOut(statement.forBlocks(nextBlock, end));
        long rowsToSkip = rowsIntoStride;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            if (rowsToSkip > 0) {
                rowsToSkip--;
                continue;
            }
            add(line);
            if (isPieceFull()) {
                Piece full = endPiece();
                if (!sink.offer(full)) {
                    refused = full;
                    // They were fewer than the estimate says: the next range is a smaller one.
                    blocksRead += Math.max(1, (end - nextBlock) / 2);
                    readToItsEnd(copy);
                    return;
                }
            }
        }
        blocksRead += end - nextBlock;
        nextBlock = end;
        // Those of an earlier, longer COPY that are in the blocks to come.
        rowsIntoStride = rowsToSkip;
    }

    /**
     * Reads the present stride of one column, and throws it away.
     *
     * @throws SQLException if the server cannot send it
     */
    void readColumn(SnapshotSession session, String column) throws SQLException {
        readToItsEnd(session.copyOut(
                CopyStatement.ofColumn(planned.relation(), column).forBlocks(nextBlock, gridEnd())));
    }

    /**
     * From here on, the text of these columns is converted here, and not by the server.
     *
     * @return false if they were before
     */
    boolean readUnconverted(Set<String> names, DatabaseEncoding encoding) {
        if (unconverted != null && unconverted.names().containsAll(names)) {
            return false;
        }
        Set<String> all = new HashSet<>(names);
        if (unconverted != null) {
            all.addAll(unconverted.names());
        }
        unconverted =
                new UnconvertedColumns(all, columns.stream().map(Column::name).toList(), encoding);
        statement = statement(all);
        return true;
    }

    /**
     * From here on, every row is read, whether a signal asks for it or not: the server cannot tell of each. The present stride is read from its
     * beginning.
     *
     * @return false if every row was read before
     */
    boolean readEveryRow() {
        if (condition.isEmpty()) {
            return false;
        }
        condition = "";
        statement = statement(unconverted == null ? Set.of() : unconverted.names());
        rowsIntoStride = 0;
        return true;
    }

    private CopyStatement statement(Set<String> namesUnconverted) {
        PlannedRelation relation = planned.relation();
        return new CopyStatement(relation.table(), relation.relation(), relation.oid(), condition, namesUnconverted);
    }

    /** On the grid of strides, wherever the ledger let us begin. */
    private long gridEnd() {
        long blocksPerStride = planned.relation().blocksPerStride(settings.strideBytes());
        long fromChunk = nextBlock - chunk.firstBlock();
        return Math.min(chunk.firstBlock() + (fromChunk / blocksPerStride + 1) * blocksPerStride, endBlock);
    }

    /**
     * The rest of the range is read and thrown away: the driver does not read the server's answer when a COPY is cancelled, and
     * takes it for the answer to the next statement.
     */
    private static void readToItsEnd(CopyOut copy) throws SQLException {
        while (copy.readFromCopy() != null) {
            // Thrown away.
        }
    }

    private void add(byte[] line) {
        int length = line.length;
        SnapshotPlace place = rows == 0 ? placeOfFirstRow : SnapshotPlace.WITHIN;
        parser.parse(line, 0, length, row);
        TextRow text = unconverted == null ? row : unconverted.utf8(row);
        SourceRecord made = records.snapshotRow(text, place, anchor.lsn(), partition, offsetBeforePiece);
        // A huge line is released at once, not only when the next one comes (I11).
        row.reset(NO_BYTES);
        long memory;
        if (made == null) {
            memory = addToPack(Objects.requireNonNull(pack));
        } else {
            addRecord(made);
            memory = records.memoryOf(length) + RECORD_BYTES;
        }
        pieceRows++;
        memoryRead += memory;
        pieceBytes += memory;
        pieceTextBytes += length;
        rows++;
        bytes += length;
        rowsIntoStride++;
    }

    private void addRecord(SourceRecord made) {
        SourceRecord admitted = limit.admit(made, planned.relation().table().id(), columns, anchor.lsn(), 0);
        piece.add(admitted);
        addHash(made, !limit.isStandIn(admitted));
    }

    private void addHash(SourceRecord made, boolean isSent) {
        if (!sent.hasHash(made)) {
            hashed = false;
        } else if (isSent) {
            hash += sent.hash(made);
        }
    }

    /** Returns by how much memory the messages have grown. */
    private static long addToPack(RowPack messages) {
        long before = messages.bytes();
        messages.keep();
        return messages.bytes() - before;
    }

    private boolean isPieceFull() {
        return pack == null
                ? piece.size() >= settings.pieceRecords() || pieceBytes >= settings.pieceBytes()
                : piece.size() + pack.messages() >= settings.pieceRecords()
                        || pieceBytes >= settings.packedPieceBytes();
    }

    private Piece endPiece() {
        if (pack != null) {
            for (SourceRecord message : pack.close(partition, offsetBeforePiece)) {
                piece.add(message);
                addHash(message, true);
            }
        }
        ChunkProgress progress = progress();
        Piece ended = new Piece(piece, pieceRows, pieceBytes, pieceTextBytes, this, progress);
        acknowledgements.read(pieceRows);
        piece = new ArrayList<>();
        pieceRows = 0;
        pieceBytes = 0;
        pieceTextBytes = 0;
        offsetBeforePiece = acknowledgements.describe(progress).toSourceOffset();
        return ended;
    }

    /** Rows that were read and are in no piece that the sink took: they come before any others; null if there are none. */
    @Nullable
    Piece rest() {
        Piece rest = refused;
        refused = null;
        return rest == null && pieceRows > 0 ? endPiece() : rest;
    }

    /** How far the chunk is read; {@link ChunkAcknowledgements} adds how much of it is acknowledged, and where. */
    ChunkProgress progress() {
        return new ChunkProgress(
                anchor.generation(),
                anchor.lsn(),
                nextBlock,
                // Another reader would count other rows.
                condition.equals(planned.relation().condition()) ? rowsIntoStride : 0,
                false,
                rows,
                bytes,
                0,
                hashed ? Long.valueOf(hash) : null,
                OffsetRanges.Snapshot.EMPTY);
    }
}
