package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has to be read from the source so that an update's new row is whole, and, once it is read, the answer.
 *
 * <p>Used by the thread that reads the slot.
 */
final class Lookup {

    private final CapturedRelation relation;
    private final long transactionId;
    private final Lsn commitLsn;
    private final List<String> key;
    private final int[] wanted;
    private boolean answered;
    private @Nullable TextRow values;
    private @Nullable String refusal;

    /**
     * @param transactionId the transaction that made the change
     * @param commitLsn where it committed
     * @param key the row's key as text: a value for each of {@link CapturedRelation#keyFields()}
     * @param wanted the fields of the new row that were not sent, in ascending order
     */
    Lookup(CapturedRelation relation, long transactionId, Lsn commitLsn, List<String> key, int[] wanted) {
        this.relation = relation;
        this.transactionId = transactionId;
        this.commitLsn = commitLsn;
        this.key = key;
        this.wanted = wanted;
    }

    CapturedRelation relation() {
        return relation;
    }

    long transactionId() {
        return transactionId;
    }

    Lsn commitLsn() {
        return commitLsn;
    }

    List<String> key() {
        return key;
    }

    /** The fields of the new row that were not sent. */
    int[] wanted() {
        return wanted;
    }

    boolean wants(int field) {
        for (int one : wanted) {
            if (one == field) {
                return true;
            }
        }
        return false;
    }

    /** The table has the row, with these values for {@link #wanted()}, one after the other. */
    void found(TextRow row) {
        values = row;
        answered = true;
    }

    /** The table no longer has a row of this key. */
    void foundNothing() {
        values = null;
        answered = true;
    }

    /** The server does not let the connector read the table. */
    void refused(String reason) {
        values = null;
        refusal = reason;
        answered = true;
    }

    /** Why the table could not be read; null if it was, or there is no answer. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** Forgets the answer. */
    void ask() {
        values = null;
        refusal = null;
        answered = false;
    }

    boolean isAnswered() {
        return answered;
    }

    /** One value for each of {@link #wanted()}; null where there is no answer, or the table no longer has the row. */
    @Nullable
    TextRow values() {
        return values;
    }
}
