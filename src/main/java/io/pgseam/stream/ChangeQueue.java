package io.pgseam.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way from the thread that reads the slot to Connect's. Bounded by bytes (invariant I11), and knows where
 * source transactions end, so that Kafka transactions can end there too.
 */
final class ChangeQueue {

    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private boolean endedWhileEmpty;
    private @Nullable RuntimeException failure;

    ChangeQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds a record.
     *
     * @param size its size in bytes
     * @param timeoutMs how long to wait for room
     * @return false where there is still no room after that time
     */
    boolean offer(SourceRecord record, int size, long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (bytes >= maxBytes) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            entries.add(new Entry(record, size));
            bytes += size;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Says that a source transaction ends after the last record, also where that one was taken already. */
    void endTransaction() {
        lock.lock();
        try {
            Entry last = entries.peekLast();
            if (last != null) {
                last.endsTransaction = true;
            } else {
                endedWhileEmpty = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes: whoever takes gets what is left, and then this failure. */
    void fail(RuntimeException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes records: up to the last end of a source transaction within {@code most} records, or {@code most} where no
     * transaction ends among them.
     *
     * @param timeoutMs how long to wait for the first
     */
    Batch take(int most, long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (entries.isEmpty() && failure == null && !endedWhileEmpty && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            if (entries.isEmpty()) {
                if (failure != null) {
                    throw failure;
                }
                boolean ended = endedWhileEmpty;
                endedWhileEmpty = false;
                return new Batch(List.of(), 0, ended);
            }
            endedWhileEmpty = false;
            int count = countToTake(most);
            List<SourceRecord> records = new ArrayList<>(count);
            long taken = 0;
            boolean ends = false;
            for (int i = 0; i < count; i++) {
                Entry entry = entries.remove();
                records.add(entry.record);
                taken += entry.size;
                ends = entry.endsTransaction;
            }
            bytes -= taken;
            changed.signalAll();
            return new Batch(records, taken, ends);
        } finally {
            lock.unlock();
        }
    }

    private int countToTake(int most) {
        int count = 0;
        int upToEnd = 0;
        for (Iterator<Entry> iterator = entries.iterator(); iterator.hasNext() && count < most; ) {
            count++;
            if (iterator.next().endsTransaction) {
                upToEnd = count;
            }
        }
        return upToEnd > 0 ? upToEnd : count;
    }

    /**
     * Records in their order.
     *
     * @param records may be empty
     * @param bytes their size
     * @param endsTransaction whether a source transaction ends with the last of them, or, without any, with the last one before
     */
    record Batch(List<SourceRecord> records, long bytes, boolean endsTransaction) {}

    private static final class Entry {
        private final SourceRecord record;
        private final int size;
        private boolean endsTransaction;

        private Entry(SourceRecord record, int size) {
            this.record = record;
            this.size = size;
        }
    }
}
