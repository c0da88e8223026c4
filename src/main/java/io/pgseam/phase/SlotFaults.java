package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What to say where the slot, or the server, does not have what follows on the committed position: to continue would leave changes
 * out without a word (invariant I10). Leader and stream task say the same.
 */
public final class SlotFaults {

    /** The ways on, to follow what has happened. */
    public static final String WAYS_ON = "Either copy everything again: stop the connector, delete its offsets (DELETE"
            + " /connectors/<name>/offsets), drop the slot where it still exists, resume the connector; or create a new"
            + " connector with another topic.prefix.";

    private static final String ANOTHER_PAST =
            "the source was restored to an earlier time, or is another server, or a standby"
                    + " that was promoted without them (the primary's synchronized_standby_slots prevents that). ";

    private SlotFaults() {}

    static String gone(String slot, Lsn committed, boolean standby) {
        return (standby ? "the server is a standby, which has no slots but its own: " : "") + "replication slot \""
                + slot + "\" is gone, but changes up to " + committed
                + " are committed to Kafka: what was committed in PostgreSQL since then cannot be read any more. "
                + (standby
                        ? "If the connector has read another server so far, have database.hostname lead to that one again. "
                        : "If a standby was promoted, it has no slot: slot.failover=true (PostgreSQL 17 and later) has standbys keep"
                                + " it. If the connector has read a standby, its slot is there, and on no other server: have"
                                + " database.hostname lead to that standby again. ")
                + WAYS_ON;
    }

    /** @param invalidation why, in the server's word; null if it does not say */
    static String lost(String slot, Lsn committed, @Nullable String invalidation) {
        String reason = invalidation == null ? "" : invalidation;
        return "replication slot \"" + slot + "\" was invalidated by the server ("
                + (reason.isEmpty() ? "" : reason + ", ") + "wal_status lost); changes up to "
                + committed + " are in Kafka, those after that cannot be read any more. " + remedy(reason) + " "
                + WAYS_ON;
    }

    private static String remedy(String invalidation) {
        return switch (invalidation) {
            case "rows_removed" ->
                "The primary has removed rows of its catalogue that the slot on the standby needed: the standby needs"
                        + " hot_standby_feedback=on, and primary_slot_name, so that the primary knows it also while it is cut off.";
            case "wal_level_insufficient" ->
                "wal_level of the primary was lowered: it has to be logical as long as the slot is needed.";
            case "conflicting" ->
                "The standby had to follow its primary, which has removed rows of its catalogue that the slot needed, or has"
                        + " lowered its wal_level: the standby needs hot_standby_feedback=on and primary_slot_name, and the"
                        + " primary wal_level=logical.";
            case "idle_timeout" -> "Raise idle_replication_slot_timeout.";
            default -> "Raise max_slot_wal_keep_size (and idle_replication_slot_timeout).";
        };
    }

    /** The slot has left changes behind that are not in Kafka. */
    public static String ahead(String slot, Lsn confirmed, Lsn committed) {
        return "replication slot \"" + slot + "\" is confirmed up to " + confirmed + ", but only changes up to "
                + committed
                + " are committed to Kafka: somebody else has read, advanced or made the slot anew, or the offsets are older"
                + " than the slot. If the slot was created again after all writers had stopped, as by pg_upgrade, and you are sure that"
                + " nothing was committed in between, set slot.continue.lsn to " + confirmed + ". " + WAYS_ON;
    }

    /** The server has not written yet what is in Kafka. */
    public static String serverBehind(String slot, Lsn server, Lsn committed) {
        return "the server is at " + server + ", but changes up to " + committed
                + " are committed to Kafka: " + ANOTHER_PAST + "Changes that it"
                + " makes now have LSNs that were used before, and replication slot \"" + slot
                + "\" would leave them out. " + WAYS_ON;
    }

    /** The server is another cluster than the one whose changes are in Kafka: its LSNs have nothing to do with those. */
    public static String anotherCluster(String slot, Timeline server, StreamPosition sent) {
        return "the server is the cluster with system identifier " + server.systemText() + ", but changes up to "
                + sent.lsn() + " of cluster " + sent.timeline().systemText()
                + " are committed to Kafka: the source was moved to another cluster, or database.hostname leads to one, and"
                + " nothing says that replication slot \"" + slot
                + "\" has what follows. docs/operations.md says how to move to another cluster. " + WAYS_ON;
    }

    /**
     * The server has gone on, on another timeline, from before what is in Kafka.
     *
     * @param timeline its timeline now
     * @param branch where it left the timeline of what is in Kafka; null where it has never been on it
     */
    public static String anotherPast(String slot, int timeline, @Nullable Lsn branch, StreamPosition sent) {
        int before = sent.timeline().number();
        return "the server is on timeline " + timeline + ", which "
                + (branch == null
                        ? "does not come from timeline " + before
                        : "left timeline " + before + " at " + branch)
                + ", but changes of timeline " + before + " up to " + sent.lsn() + " were sent to Kafka: "
                + ANOTHER_PAST
                + "Changes that it made since then have LSNs that were used before, and replication slot \""
                + slot + "\" would leave them out. " + WAYS_ON;
    }
}
