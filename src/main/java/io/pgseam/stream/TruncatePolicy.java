package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code truncate.policy} makes of a truncate. Invariant I10: one that the format cannot say is never passed over silently. */
final class TruncatePolicy {

    private static final Logger LOG = LoggerFactory.getLogger(TruncatePolicy.class);

    private TruncatePolicy() {}

    /**
     * Takes note of a truncate.
     *
     * @param fails whether the stream fails if the topic does not say it
     * @param said whether a record of the topic says it
     * @param commitLsn where its transaction committed
     * @throws ConnectException if the stream fails by it
     */
    static void apply(boolean fails, boolean said, CapturedRelation relation, Lsn commitLsn) {
        String topic = relation.records().topic();
        if (said) {
            LOG.info("Table {} was truncated at {}: topic {} says so", relation.id(), commitLsn, topic);
        } else if (fails) {
            throw new ConnectException(
                    "Table " + relation.id() + " was truncated at " + commitLsn + ", and topic " + topic
                            + " still holds its rows; truncate.policy=fail stops here. Truncate the target too, then set"
                            + " truncate.policy=log and restart the task");
        } else {
            LOG.warn(
                    "Table {} was truncated at {}: topic {} still holds its rows, truncate the target too",
                    relation.id(),
                    commitLsn,
                    topic);
        }
    }
}
