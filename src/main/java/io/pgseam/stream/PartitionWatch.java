package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.phase.PartitionsState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time which partitions the captured partitioned tables have. The replication protocol does not say that one
 * was attached or detached: its rows come to the table, or leave it, without a change of any row. So that this is not silent
 * (invariant I10), it is logged and put on the control topic. A partition that is made inside of its table is empty, and needs
 * nothing; one that is attached is copied at a newer anchor, which is the leader's to see to.
 *
 * <p>What was told is in the ledger, so that nothing is missed while the task is down.
 */
final class PartitionWatch {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionWatch.class);
    private static final long EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final String server;
    private final SourceCatalog catalog;
    private final Ledger ledger;
    private final ControlRecords control;
    private final Set<Long> copied;
    private final Map<Long, Map<Long, String>> told = new HashMap<>();
    private final Map<Long, TableId> roots = new LinkedHashMap<>();
    private final long everyNanos;
    private long lastLook;

    /**
     * @param server {@code topic.prefix}
     * @param copied OIDs of the relations of the plan; none where nothing is copied
     */
    PartitionWatch(SourceCatalog catalog, Ledger ledger, ControlRecords control, String server, Set<Long> copied) {
        this(catalog, ledger, control, server, copied, EVERY_NANOS);
    }

    /** @param everyNanos the time between two looks, in ns */
    PartitionWatch(
            SourceCatalog catalog,
            Ledger ledger,
            ControlRecords control,
            String server,
            Set<Long> copied,
            long everyNanos) {
        this.server = server;
        this.catalog = catalog;
        this.ledger = ledger;
        this.control = control;
        this.copied = Set.copyOf(copied);
        this.everyNanos = everyNanos;
        this.lastLook = System.nanoTime() - everyNanos;
    }

    /** What has changed since the last look, if it is time for one. */
    List<SourceRecord> look() throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook < everyNanos) {
            return List.of();
        }
        lastLook = now;
        return compare(catalog.partitions());
    }

    private List<SourceRecord> compare(List<Partition> partitions) {
        Map<Long, Map<Long, Partition>> present = new TreeMap<>();
        for (Partition partition : partitions) {
            roots.put(partition.rootOid(), partition.root());
            present.computeIfAbsent(partition.rootOid(), unused -> new TreeMap<>())
                    .put(partition.oid(), partition);
        }
        List<SourceRecord> records = new ArrayList<>();
        roots.forEach((oid, root) -> {
            SourceRecord record = compare(oid, root, present.getOrDefault(oid, Map.of()));
            if (record != null) {
                records.add(record);
            }
        });
        return records;
    }

    private @Nullable SourceRecord compare(long oid, TableId root, Map<Long, Partition> present) {
        Map<Long, String> now = new HashMap<>();
        present.values().forEach(leaf -> now.put(leaf.oid(), leaf.id().toString()));
        Map<Long, String> before = told.get(oid);
        boolean first = false;
        if (before == null) {
            PartitionsState state = ledger.partitions(oid);
            first = state == null;
            before = state == null ? firstSight(now) : state.leaves();
        }
        told.put(oid, now);
        if (!first && now.keySet().equals(before.keySet())) {
            return null;
        }
        List<String> made = new ArrayList<>();
        List<String> attached = new ArrayList<>();
        for (Partition partition : present.values()) {
            if (!before.containsKey(partition.oid())) {
                (partition.madeInside() ? made : attached).add(partition.id().toString());
            }
        }
        List<String> detached = before.entrySet().stream()
                .filter(leaf -> !present.containsKey(leaf.getKey()))
                .map(Map.Entry::getValue)
                .sorted()
                .toList();
        log(root, made, attached, detached, copied.isEmpty());
        return control.partitions(
                root,
                now.size(),
                made,
                attached,
                detached,
                PartitionsState.sourcePartition(server, oid),
                new PartitionsState(now).toSourceOffset());
    }

    /** Where nothing was told yet: what was copied, or, where nothing is copied, whatever there is. */
    private Map<Long, String> firstSight(Map<Long, String> present) {
        Map<Long, String> known = new HashMap<>(present);
        known.keySet().retainAll(copied);
        return copied.isEmpty() ? present : known;
    }

    private static void log(
            TableId root, List<String> made, List<String> attached, List<String> detached, boolean nothingIsCopied) {
        if (!made.isEmpty()) {
            LOG.info("Table {} has new partitions, whose rows are streamed: {}", root, made);
        }
        if (!attached.isEmpty() && !nothingIsCopied) {
            LOG.info(
                    "Partitions were attached to table {}: {}. Rows that they had before are copied at a newer anchor, once the"
                            + " leader has seen them (table.check.interval.ms)",
                    root,
                    attached);
        } else if (!attached.isEmpty()) {
            LOG.warn(
                    "Partitions were attached to table {}: {}. Rows that they had before are not in its topics, changes from now on"
                            + " are. To have them there, run UPDATE … SET column = column on each of the partitions, which"
                            + " publishes every row; with PostgreSQL 14, restart the connector's task first",
                    root,
                    attached);
        }
        if (!detached.isEmpty()) {
            LOG.warn(
                    "Partitions were detached from table {}, or dropped: {}. Their changes are captured no longer as its own, and"
                            + " their rows are still in its topics: delete them in the target",
                    root,
                    detached);
        }
    }
}
