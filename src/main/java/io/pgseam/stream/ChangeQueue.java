package io.pgseam.stream;

import io.pgseam.task.TransactionBoundary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way from the thread that reads the slot to Connect's. Bounded by bytes (invariant I11).
 *
 * <p>With exactly-once support each batch is one Kafka transaction (invariant I15). So a batch holds whole source transactions. Only
 * one that is larger than a batch, or has more new topics, is cut, and then between two slabs, each of which has whole changes
 * (invariant I13).
 */
final class ChangeQueue {

    private final long maxBytes;
    private final int mostRecords;
    private final long mostBatchBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Slab> slabs = new ArrayDeque<>();
    private final List<SourceRecord> remarks = new ArrayList<>();
    private long bytes;
    private int records;
    private int newTopics;
    private int transactionEnds;
    private @Nullable RuntimeException failure;
    private boolean closed;
    private volatile boolean awaited;

    /**
     * @param maxBytes how many bytes may wait, give or take a slab
     * @param mostRecords how many records a batch has, unless one slab has more
     * @param mostBatchBytes how many bytes a batch has, unless one slab has more
     */
    ChangeQueue(long maxBytes, int mostRecords, long mostBatchBytes) {
        this.maxBytes = maxBytes;
        this.mostRecords = mostRecords;
        // A full queue always holds a batch.
        this.mostBatchBytes = Math.min(mostBatchBytes, maxBytes);
    }

    /**
     * Adds a slab: the records of whole changes of one transaction.
     *
     * @param slab belongs to the queue from now on, if it is added
     * @param size their size in bytes
     * @param topics how many of their topics no slab before has
     * @param commitMs when the changes committed, in ms since 1970; of a record that is of no change, the present
     * @param endsTransaction whether the transaction ends with the last of them
     * @param timeoutMs how long to wait for room
     * @return false if there is still no room after that time, or the queue is closed
     */
    boolean offer(
            List<SourceRecord> slab, long size, int topics, long commitMs, boolean endsTransaction, long timeoutMs)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (bytes >= maxBytes) {
                if (nanos <= 0 || closed) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            slabs.add(new Slab(slab, size, topics, commitMs, endsTransaction));
            bytes += size;
            records += slab.size();
            newTopics += topics;
            transactionEnds += endsTransaction ? 1 : 0;
            wakeIfReady();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Says that a source transaction ends after the last slab, also if that one was taken already. */
    void endTransaction() {
        lock.lock();
        try {
            Slab last = slabs.peekLast();
            if (last != null && !last.endsTransaction) {
                last.endsTransaction = true;
                transactionEnds++;
                wakeIfReady();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds records that belong to no source transaction. They need no order with the changes, and do not wait for room. */
    void remark(List<SourceRecord> told) {
        lock.lock();
        try {
            remarks.addAll(told);
            wakeIfReady();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes: the taker gets what is left, and then this failure. */
    void fail(RuntimeException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on, nothing waits for room. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The size of what waits, in bytes. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** When the first slab that waits committed, in ms since 1970; 0 if nothing waits. */
    long oldestCommitMs() {
        lock.lock();
        try {
            Slab first = slabs.peek();
            return first == null ? 0 : first.commitMs;
        } finally {
            lock.unlock();
        }
    }

    private void wakeIfReady() {
        if (isReady()) {
            changed.signalAll();
        }
    }

    private boolean isReady() {
        return transactionEnds > 0
                || records >= mostRecords
                || bytes >= mostBatchBytes
                || newTopics >= TransactionBoundary.MOST_NEW_TOPICS
                || !remarks.isEmpty()
                || failure != null;
    }

    /**
     * Takes a batch.
     *
     * @param timeoutMs how long to wait for one
     */
    Batch take(long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            awaited = true;
            while (!isReady() && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            awaited = false;
            if (!isReady()) {
                return Batch.EMPTY;
            }
            if (failure != null && slabs.isEmpty() && remarks.isEmpty()) {
                throw failure;
            }
            Batch batch = next();
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a batch is waited for. */
    boolean isAwaited() {
        return awaited;
    }

    /** How many records a batch has at most, unless one slab has more. */
    int mostRecords() {
        return mostRecords;
    }

    /** How many bytes a batch has at most, unless one slab has more. */
    long mostBatchBytes() {
        return mostBatchBytes;
    }

    private Batch next() {
        List<SourceRecord> batch = new ArrayList<>(remarks);
        remarks.clear();
        long batchBytes = 0;
        for (int count = countToTake(); count > 0; count--) {
            Slab slab = slabs.remove();
            batch.addAll(slab.records);
            batchBytes += slab.size;
            records -= slab.records.size();
            newTopics -= slab.newTopics;
            transactionEnds -= slab.endsTransaction ? 1 : 0;
        }
        bytes -= batchBytes;
        return new Batch(batch, batchBytes);
    }

    /** How many slabs a batch takes: up to the last end of a transaction within its bounds, or up to these if none ends there. */
    private int countToTake() {
        int count = 0;
        int upToEnd = 0;
        int recordsSoFar = 0;
        long bytesSoFar = 0;
        int topicsSoFar = 0;
        for (Slab slab : slabs) {
            recordsSoFar += slab.records.size();
            bytesSoFar += slab.size;
            topicsSoFar += slab.newTopics;
            if (count > 0
                    && (recordsSoFar > mostRecords
                            || bytesSoFar > mostBatchBytes
                            || topicsSoFar > TransactionBoundary.MOST_NEW_TOPICS)) {
                return upToEnd > 0 ? upToEnd : count;
            }
            count++;
            if (slab.endsTransaction) {
                upToEnd = count;
            }
        }
        if (upToEnd > 0) {
            return upToEnd;
        }
        boolean full = recordsSoFar >= mostRecords
                || bytesSoFar >= mostBatchBytes
                || topicsSoFar >= TransactionBoundary.MOST_NEW_TOPICS;
        return full || failure != null ? count : 0;
    }

    /**
     * Records in their order.
     *
     * @param records may be empty
     * @param bytes the size of those that are of changes
     */
    record Batch(List<SourceRecord> records, long bytes) {
        static final Batch EMPTY = new Batch(List.of(), 0);
    }

    private static final class Slab {
        private final List<SourceRecord> records;
        private final long size;
        private final int newTopics;
        private final long commitMs;
        private boolean endsTransaction;

        private Slab(List<SourceRecord> records, long size, int newTopics, long commitMs, boolean endsTransaction) {
            this.records = records;
            this.size = size;
            this.newTopics = newTopics;
            this.commitMs = commitMs;
            this.endsTransaction = endsTransaction;
        }
    }
}
