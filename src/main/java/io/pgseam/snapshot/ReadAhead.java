package io.pgseam.snapshot;

import io.pgseam.task.TransactionBoundary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a copy task has read and Connect has not asked for yet: bounded in bytes (invariant I11), and handed over in whole batches,
 * each of which is a Kafka transaction (invariant I15).
 */
final class ReadAhead implements AutoCloseable {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Piece> pieces = new ArrayDeque<>();
    private final long mostBytes;
    private final long batchBytes;
    private final int batchRecords;
    private long bytes;
    private long records;
    private boolean more = true;
    private boolean woken;
    private boolean closed;

    /**
     * @param mostBytes how many bytes of records may wait; a piece that is larger waits alone
     * @param batchBytes most bytes of a batch, give or take a piece
     * @param batchRecords most records of a batch, give or take a piece
     */
    ReadAhead(long mostBytes, long batchBytes, int batchRecords) {
        this.mostBytes = mostBytes;
        this.batchBytes = Math.min(batchBytes, mostBytes);
        this.batchRecords = batchRecords;
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

    /** How many bytes may be added now. */
    long room() {
        lock.lock();
        try {
            return Math.max(0, mostBytes - bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until so many bytes may be added, or until half of everything may. */
    void awaitRoom(long wanted) throws InterruptedException {
        lock.lock();
        try {
            while (!closed && bytes > 0 && mostBytes - bytes < Math.min(wanted, mostBytes / 2)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a piece, if there is room for it in this time.
     *
     * @return false if there is none, or if everything is over
     */
    boolean offer(Piece piece, long timeoutMs) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (!closed && bytes > 0 && bytes + piece.bytes() > mostBytes) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return add(piece);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a piece, however long it has to wait for room. */
    void put(Piece piece) throws InterruptedException {
        lock.lock();
        try {
            while (!closed && bytes > 0 && bytes + piece.bytes() > mostBytes) {
                changed.await();
            }
            add(piece);
        } finally {
            lock.unlock();
        }
    }

    private boolean add(Piece piece) {
        if (closed) {
            return false;
        }
        pieces.add(piece);
        bytes += piece.bytes();
        records += piece.records().size();
        changed.signalAll();
        return true;
    }

    /** Nothing more is going to be added: a batch need not be waited for. */
    void end() {
        lock.lock();
        try {
            more = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** There is something else to do than to wait for rows: a waiting {@link #take} returns. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whatever {@link #wake} was for until now is going to be seen to. */
    void forgetWake() {
        lock.lock();
        try {
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a batch. Waits this long for the first piece, and as long again for half a batch.
     *
     * @return empty if there is none in time
     */
    List<Piece> take(long timeoutMs) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (more && !closed && !woken && nanos > 0 && pieces.isEmpty()) {
                nanos = changed.awaitNanos(nanos);
            }
            nanos = pieces.isEmpty() ? 0 : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (more && !closed && nanos > 0 && bytes < batchBytes / 2 && records < batchRecords / 2) {
                nanos = changed.awaitNanos(nanos);
            }
            return batch();
        } finally {
            lock.unlock();
        }
    }

    /** Waits this long for {@link #wake}: there is nothing to take any more. */
    void awaitWake(long timeoutMs) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (!closed && !woken && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Piece> batch() {
        List<Piece> batch = new ArrayList<>();
        Set<Long> tables = new HashSet<>();
        long size = 0;
        long count = 0;
        for (Piece next = pieces.peek(); next != null; next = pieces.peek()) {
            size += next.bytes();
            count += next.records().size();
            ChunkReader chunk = next.chunk();
            if (chunk != null) {
                tables.add(chunk.planned().relation().table().oid());
            }
            if (!batch.isEmpty()
                    && (size > batchBytes
                            || count > batchRecords
                            || tables.size() > TransactionBoundary.MOST_NEW_TOPICS)) {
                break;
            }
            batch.add(pieces.remove());
            bytes -= next.bytes();
            records -= next.records().size();
        }
        changed.signalAll();
        return batch;
    }

    /** No thread waits any more; what is left is forgotten. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            pieces.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
