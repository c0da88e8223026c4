package io.pgseam.stream;

import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamOffset;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.RecordOffsets;
import io.pgseam.record.RowPack;
import io.pgseam.task.TransactionBoundary;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Collects the rows of many changes in messages ({@code flat.pack.bytes}), and hands all messages over together: a <em>pack</em>.
 *
 * <p>Rows of a transaction are in many messages, so a message alone cannot say how far the stream is. All messages of a pack have the
 * position before its first row, except the last one, which has the position of its last row. No committed offset claims a row that is in
 * a message which Kafka does not have. Whatever else is sent, such as the record of a changed table, comes after the rows before it.
 *
 * <p>A pack ends between two transactions. A transaction that is larger than a batch, or has more new topics, is cut between two changes
 * (invariant I13).
 *
 * <p>Used by the thread that reads the slot.
 */
final class PackingSink implements RecordSink {

    /** While the server sends without pause, so long at least rows are collected. */
    private static final long LINGER_NANOS = Duration.ofMillis(5).toNanos();

    private final RowPack pack;
    private final RecordSink next;
    private final Map<String, ?> partition;
    private final long packBytes;
    private final long mostTransactionBytes;
    private final int mostMessages;
    private final BooleanSupplier awaited;
    private final LongSupplier nanoTime;

    /** Before the first row of the pack, and with its last one. */
    private @Nullable StreamOffset before;

    private @Nullable StreamPosition reached;
    private @Nullable ChangeId last;

    /** What the pack had when the transaction at hand began, in bytes. */
    private long transactionStart;

    private boolean betweenTransactions = true;
    private long lastPack;

    /** Messages that the next sink has not taken yet. */
    private List<SourceRecord> closed = List.of();

    private long closedBytes;
    private boolean closedEndsTransaction;

    /**
     * @param next takes the messages
     * @param partition the source partition of the stream
     * @param packBytes a pack with so many bytes ends with the next transaction
     * @param mostTransactionBytes a transaction that has so many bytes in a pack is cut
     * @param mostMessages a pack with so many messages ends
     * @param awaited whether Connect waits for records
     * @param nanoTime a clock, in ns
     */
    PackingSink(
            RowPack pack,
            RecordSink next,
            Map<String, ?> partition,
            long packBytes,
            long mostTransactionBytes,
            int mostMessages,
            BooleanSupplier awaited,
            LongSupplier nanoTime) {
        this.pack = pack;
        this.next = next;
        this.partition = partition;
        this.packBytes = packBytes;
        this.mostTransactionBytes = mostTransactionBytes;
        this.mostMessages = mostMessages;
        this.awaited = awaited;
        this.nanoTime = nanoTime;
        this.lastPack = nanoTime.getAsLong() - LINGER_NANOS;
    }

    @Override
    public boolean hasRows() {
        return pack.hasNew();
    }

    @Override
    public void forgetRows() {
        pack.forgetNew();
    }

    @Override
    public void acceptRows(StreamPosition positionBefore, StreamPosition positionReached, ChangeId change)
            throws SQLException {
        if (pack.isEmpty()) {
            before = new StreamOffset(positionBefore, change);
        }
        pack.keep();
        reached = positionReached;
        last = change;
        betweenTransactions = false;
        if (pack.bytes() - transactionStart >= mostTransactionBytes
                || pack.messages() >= mostMessages
                || pack.newTopics() >= TransactionBoundary.MOST_NEW_TOPICS) {
            flush();
        }
    }

    @Override
    public void accept(List<SourceRecord> change, long bytes) throws SQLException {
        handOverRows();
        betweenTransactions = false;
        next.accept(change, bytes);
    }

    @Override
    public void endTransaction() throws SQLException {
        betweenTransactions = true;
        transactionStart = pack.bytes();
        if (pack.isEmpty()) {
            handOver();
            next.endTransaction();
        } else if (pack.bytes() >= packBytes || (awaited.getAsBoolean() && hasLingered())) {
            flush();
        }
    }

    private boolean hasLingered() {
        return nanoTime.getAsLong() - lastPack >= LINGER_NANOS;
    }

    @Override
    public void flush() throws SQLException {
        handOverRows();
        next.flush();
    }

    /** Hands the rows over. If the next sink fails, they are kept, and handed over the next time. */
    private void handOverRows() throws SQLException {
        handOver();
        if (!pack.isEmpty()) {
            closedBytes = pack.bytes();
            closed = pack.close(partition, Objects.requireNonNull(before));
            int end = closed.size() - 1;
            StreamOffset offset = new StreamOffset(Objects.requireNonNull(reached), last);
            closed.set(end, RecordOffsets.withOffset(closed.get(end), offset));
            closedEndsTransaction = betweenTransactions;
            transactionStart = 0;
            handOver();
        }
    }

    private void handOver() throws SQLException {
        if (!closed.isEmpty()) {
            next.accept(closed, closedBytes);
            closed = List.of();
            lastPack = nanoTime.getAsLong();
            if (closedEndsTransaction) {
                next.endTransaction();
            }
        }
    }
}
