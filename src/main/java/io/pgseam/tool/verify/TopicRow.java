package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.record.MessageHash;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A row as it is in a topic: a part of a message's value, and what its metadata fields say. */
public final class TopicRow {

    private final byte @Nullable [] key;
    private final byte[] value;
    private final int from;
    private final int to;
    private final boolean deleted;
    private final Lsn lsn;
    private final long sequence;
    private final boolean snapshot;

    /**
     * @param key the key of its message; null if the message has none
     * @param value the value of its message; it stays as it is
     * @param from where the row begins in the value
     * @param to where it ends
     * @param deleted whether it says that the row is gone
     * @param lsn commit LSN of the change, or the anchor's LSN
     * @param sequence the order within the transaction; 0 for a copied row
     * @param snapshot whether it was copied
     */
    TopicRow(
            byte @Nullable [] key,
            byte[] value,
            int from,
            int to,
            boolean deleted,
            Lsn lsn,
            long sequence,
            boolean snapshot) {
        this.key = key;
        this.value = value;
        this.from = from;
        this.to = to;
        this.deleted = deleted;
        this.lsn = lsn;
        this.sequence = sequence;
        this.snapshot = snapshot;
    }

    /** Whether its message has a key. */
    boolean hasKey() {
        return key != null;
    }

    /** The key of its message; null if it has none. */
    @Nullable
    ByteBuffer keyBytes() {
        return key == null ? null : ByteBuffer.wrap(key);
    }

    /** The value of its message. */
    byte[] value() {
        return value;
    }

    /** Where the row begins in the value. */
    int from() {
        return from;
    }

    /** Where it ends. */
    int to() {
        return to;
    }

    boolean deleted() {
        return deleted;
    }

    Lsn lsn() {
        return lsn;
    }

    long sequence() {
        return sequence;
    }

    boolean snapshot() {
        return snapshot;
    }

    /** The hash by which manifests count it. */
    long hash() {
        return MessageHash.of(key, value, from, to);
    }
}
