package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot, as {@code pg_replication_slots} shows it.
 *
 * @param name its name
 * @param plugin its output plugin; null for a physical slot
 * @param database its database; null for a physical slot
 * @param temporary whether it ends with the session that made it
 * @param active whether a session uses it
 * @param activePid the process of that session
 * @param activeApplication what that session calls itself; may be empty, or null where there is none
 * @param restartLsn the oldest WAL that it keeps; null where it is gone
 * @param confirmedFlushLsn up to where its changes are confirmed
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; null where it keeps nothing yet
 * @param invalidation why it can no longer be used, in the server's word; null where it can
 * @param synced whether it is a copy that a standby keeps of the primary's slot; no session can read it before the standby is promoted
 * @param safeWalSize how many bytes of WAL can be written before it is in danger; null if there is no limit
 */
public record SlotState(
        String name,
        @Nullable String plugin,
        @Nullable String database,
        boolean temporary,
        boolean active,
        @Nullable Integer activePid,
        @Nullable String activeApplication,
        @Nullable Lsn restartLsn,
        @Nullable Lsn confirmedFlushLsn,
        @Nullable String walStatus,
        @Nullable String invalidation,
        boolean synced,
        @Nullable Long safeWalSize) {

    /** Whether it can no longer be used: changes were lost, and only a new slot and a new copy help. */
    public boolean isInvalidated() {
        return invalidation != null;
    }

    /**
     * Whether a session of this application uses it.
     *
     * @param application the name that all sessions of one connector begin with
     */
    public boolean isUsedBy(String application) {
        return activeApplication != null
                && (activeApplication.equals(application) || activeApplication.startsWith(application + " "));
    }
}
