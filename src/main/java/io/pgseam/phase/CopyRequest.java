package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A signal asked for a copy of tables, and was accepted.
 *
 * @param id the signal's own id
 * @param at LSN of the signal's WAL record
 * @param after the newest anchor before the signal: only a copy that begins at a newer one answers it
 * @param tables names of the tables, by the OIDs by which changes name them
 * @param conditions SQL by which rows are chosen, by OID; of a table without one every row is copied
 * @param begun the anchor at which the copy began; null before
 */
public record CopyRequest(
        String id,
        Lsn at,
        int after,
        SortedMap<Long, TableId> tables,
        SortedMap<Long, String> conditions,
        @Nullable Anchor begun) {

    public CopyRequest {
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
        conditions = Collections.unmodifiableSortedMap(new TreeMap<>(conditions));
    }

    /** A request that is still to be met. */
    public CopyRequest(String id, Lsn at, int after, Map<Long, TableId> tables, Map<Long, String> conditions) {
        this(id, at, after, new TreeMap<>(tables), new TreeMap<>(conditions), null);
    }

    /** A request for whole tables that is still to be met. */
    public CopyRequest(String id, Lsn at, int after, Map<Long, TableId> tables) {
        this(id, at, after, tables, Map.of());
    }

    /**
     * Whether a table has to be copied because of this request.
     *
     * @param oid the OID by which changes name the table
     * @param since the generation at which its last copy began
     */
    public boolean wants(long oid, int since) {
        return begun == null && since <= after && tables.containsKey(oid);
    }

    /** How many characters its conditions have. */
    public int charactersOfConditions() {
        return conditions.values().stream().mapToInt(String::length).sum();
    }

    CopyRequest begunAt(Anchor anchor) {
        return new CopyRequest(id, at, after, tables, conditions, anchor);
    }
}
