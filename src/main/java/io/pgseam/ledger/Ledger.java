package io.pgseam.ledger;

import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.DropState;
import io.pgseam.phase.MissedState;
import io.pgseam.phase.PartitionsState;
import io.pgseam.phase.PlanPart;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.SetAsideState;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.ShareState;
import io.pgseam.phase.StreamPosition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * The committed source offsets of one connector. Every call reads what is durable at that moment; nothing is remembered, for
 * a decision on anything but committed offsets would break invariants I2, I3 and I5.
 */
public final class Ledger {

    /** How many shares are looked for: no setting at hand says how many tasks there are or were. */
    private static final int MOST_SHARES = 512;

    /** So many entries are asked for at once. */
    private static final int MOST_AT_ONCE = 1_000;

    private final String server;
    private final OffsetStorageReader reader;

    /**
     * @param server {@code topic.prefix}: the name of the source in every partition
     * @param reader Connect's reader, of a connector or of a task
     */
    public Ledger(String server, OffsetStorageReader reader) {
        this.server = server;
        this.reader = reader;
    }

    /** The position of the stream; null before its first commit. */
    public @Nullable StreamPosition stream() {
        return StreamPosition.fromSourceOffset(reader.offset(StreamPosition.sourcePartition(server)));
    }

    /** What is copied at the newest anchor; null before the first copy has begun. */
    public @Nullable PlanState plan() {
        return PlanState.fromSourceOffset(reader.offset(PlanState.sourcePartition(server)));
    }

    /** The texts of those of these parts of plans that the ledger has, by their digests. */
    public Map<String, String> planParts(Collection<String> digests) {
        Map<Map<String, Object>, String> byPartition = new LinkedHashMap<>();
        digests.forEach(digest -> byPartition.put(PlanPart.sourcePartition(server, digest), digest));
        Map<String, String> texts = new HashMap<>();
        read(byPartition.keySet()).forEach((partition, offset) -> {
            String text = PlanPart.textOf(offset);
            String digest = byPartition.get(partition);
            if (text != null && digest != null) {
                texts.put(digest, text);
            }
        });
        return texts;
    }

    /** The digests of the indexes of plans of which the ledger may have parts, separated by commas. */
    public String storedPlans() {
        return PlanPart.listOf(reader.offset(PlanPart.listPartition(server)));
    }

    /** What the ledger says of these chunks; those of whose present copy it says nothing are left out. */
    public Map<ChunkId, ChunkProgress> chunks(Collection<ChunkId> chunks) {
        Map<Map<String, Object>, ChunkId> byPartition = new LinkedHashMap<>();
        chunks.forEach(chunk -> byPartition.put(chunk.sourcePartition(server), chunk));
        Map<ChunkId, ChunkProgress> result = new HashMap<>();
        read(byPartition.keySet()).forEach((partition, offset) -> {
            ChunkProgress progress = ChunkProgress.fromSourceOffset(offset);
            ChunkId chunk = byPartition.get(partition);
            if (progress != null && chunk != null && progress.generation() >= chunk.since()) {
                result.put(chunk, progress);
            }
        });
        return result;
    }

    /** Those of these tables that are copied, by OID. */
    public Map<Long, CopiedTable> copiedTables(Collection<Long> oids) {
        return states(oids, oid -> CopiedTable.sourcePartition(server, oid), CopiedTable::fromSourceOffset);
    }

    /** The shapes of the table with this OID; empty where none is known. */
    public ShapeHistory shapes(long tableOid) {
        return ShapeHistory.fromSourceOffset(reader.offset(ShapeHistory.sourcePartition(server, tableOid)));
    }

    /** The shapes of the tables with these OIDs; those of which none is known are left out. */
    public Map<Long, ShapeHistory> shapes(Collection<Long> tableOids) {
        return states(tableOids, oid -> ShapeHistory.sourcePartition(server, oid), ShapeHistory::fromSourceOffset);
    }

    /** Which partitions of a partitioned table the stream has told of; null before it did so first. */
    public @Nullable PartitionsState partitions(long root) {
        return PartitionsState.fromSourceOffset(reader.offset(PartitionsState.sourcePartition(server, root)));
    }

    /** Which tables the control topic says are set aside. */
    public SetAsideState setAside() {
        return SetAsideState.fromSourceOffset(reader.offset(SetAsideState.sourcePartition(server)));
    }

    /** The forms of the composite type with this OID; empty where none is known. */
    public CompositeHistory composite(long typeOid) {
        return CompositeHistory.fromSourceOffset(reader.offset(CompositeHistory.sourcePartition(server, typeOid)));
    }

    /** Those of these tables of which the control topic says that they were dropped, by OID. */
    public Set<Long> droppedTables(Collection<Long> oids) {
        return states(oids, oid -> DropState.sourcePartition(server, oid), Function.identity())
                .keySet();
    }

    /** Those of these tables of which changes were not sent, by OID, with the newest anchor then. */
    public Map<Long, Integer> missed(Collection<Long> oids) {
        Map<Long, Integer> missed = new HashMap<>();
        states(oids, oid -> MissedState.sourcePartition(server, oid), MissedState::fromSourceOffset)
                .forEach((oid, state) -> missed.put(oid, state.generation()));
        return missed;
    }

    /** What is committed of each of these tables, by OID; those of which nothing is are left out. */
    private <T> Map<Long, T> states(
            Collection<Long> oids,
            Function<Long, Map<String, Object>> partitionOf,
            Function<Map<String, Object>, T> stateOf) {
        Map<Map<String, Object>, Long> byPartition = new LinkedHashMap<>();
        oids.forEach(oid -> byPartition.put(partitionOf.apply(oid), oid));
        Map<Long, T> states = new HashMap<>();
        read(byPartition.keySet()).forEach((partition, offset) -> {
            Long oid = byPartition.get(partition);
            if (offset != null && oid != null) {
                states.put(oid, stateOf.apply(offset));
            }
        });
        return states;
    }

    /** What the copy tasks said of themselves, those of the newest generation only; empty before the first. */
    public List<ShareState> newestShares() {
        List<Map<String, Object>> partitions = new ArrayList<>();
        for (int task = 0; task < MOST_SHARES; task++) {
            partitions.add(ShareState.sourcePartition(server, task));
        }
        List<ShareState> shares = new ArrayList<>();
        read(partitions).values().forEach(offset -> {
            ShareState share = ShareState.fromSourceOffset(offset);
            if (share != null) {
                shares.add(share);
            }
        });
        int newest = shares.stream().mapToInt(ShareState::generation).max().orElse(0);
        return shares.stream().filter(share -> share.generation() == newest).toList();
    }

    private Map<Map<String, Object>, Map<String, Object>> read(Collection<Map<String, Object>> partitions) {
        Map<Map<String, Object>, Map<String, Object>> offsets = new HashMap<>();
        Collection<Map<String, Object>> some = new ArrayList<>();
        for (Map<String, Object> partition : partitions) {
            some.add(partition);
            if (some.size() == MOST_AT_ONCE) {
                offsets.putAll(reader.offsets(some));
                some = new ArrayList<>();
            }
        }
        if (!some.isEmpty()) {
            offsets.putAll(reader.offsets(some));
        }
        return offsets;
    }
}
