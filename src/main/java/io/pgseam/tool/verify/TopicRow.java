package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.record.MessageHash;
import org.jspecify.annotations.Nullable;

/**
 * A row as it is in a topic.
 *
 * @param key the key of its message; null if the message has none
 * @param value the value of its message
 * @param from where the row begins in the value
 * @param to where it ends
 * @param columnsEnd where its columns end, and its metadata fields begin
 * @param deleted whether it says that the row is gone
 * @param lsn commit LSN of the change, or the anchor's LSN
 * @param sequence the order within the transaction; 0 for a copied row
 * @param snapshot whether it was copied
 */
public record TopicRow(
        byte @Nullable [] key,
        byte[] value,
        int from,
        int to,
        int columnsEnd,
        boolean deleted,
        Lsn lsn,
        long sequence,
        boolean snapshot) {

    /** The hash by which manifests count it. */
    long hash() {
        return MessageHash.of(key, value, from, to);
    }
}
