package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.GoneTables;
import io.pgseam.phase.DropState;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.CopyPlan;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether the captured tables are still there. The replication protocol does not say that one was
 * dropped, and its topic keeps the rows; so that this is not silent (invariant I10), it is logged and put on the control topic,
 * when every change of the table is in Kafka.
 *
 * <p>What was told is in the ledger, so that each table is told of once. Used by one thread, but for {@link #met}.
 */
final class DroppedTables {

    private static final Logger LOG = LoggerFactory.getLogger(DroppedTables.class);
    private static final long LEDGER_NANOS = Duration.ofSeconds(1).toNanos();

    private final String server;
    private final SourceCatalog catalog;
    private final Ledger ledger;
    private final ControlRecords control;
    private final Function<TableId, String> topics;
    private final ShapeOffsets offsets;
    private final long everyNanos;
    private final long ledgerNanos;

    /** Tables that were there at the last look, by OID. */
    private final Map<Long, TableId> known = new ConcurrentHashMap<>();

    /** Tables that are gone, with the LSN that the stream has to reach before that is told. */
    private final Map<Long, Lsn> gone = new TreeMap<>();

    private long lastLook;
    private long lastLedger;

    /**
     * @param server {@code topic.prefix}
     * @param topics the topic of a table
     * @param offsets where the records of the stream stand
     * @param plan the tables that are copied, and streamed ever since
     * @param everyNanos the time between two looks at the catalogue, in ns
     */
    DroppedTables(
            SourceCatalog catalog,
            Ledger ledger,
            ControlRecords control,
            String server,
            Function<TableId, String> topics,
            ShapeOffsets offsets,
            CopyPlan plan,
            long everyNanos) {
        this(catalog, ledger, control, server, topics, offsets, plan, everyNanos, LEDGER_NANOS);
    }

    /**
     * @param ledgerNanos the time between two looks at the ledger while something is to be told, in ns
     */
    DroppedTables(
            SourceCatalog catalog,
            Ledger ledger,
            ControlRecords control,
            String server,
            Function<TableId, String> topics,
            ShapeOffsets offsets,
            CopyPlan plan,
            long everyNanos,
            long ledgerNanos) {
        this.server = server;
        this.catalog = catalog;
        this.ledger = ledger;
        this.control = control;
        this.topics = topics;
        this.offsets = offsets;
        this.everyNanos = everyNanos;
        this.ledgerNanos = ledgerNanos;
        this.lastLook = System.nanoTime() - everyNanos;
        this.lastLedger = System.nanoTime() - ledgerNanos;
        plan.tables().forEach(table -> known.put(table.oid(), table.id()));
    }

    /** The stream has come to a captured table, which the plan need not have: it may be gone before the next one is made. */
    void met(long oid, TableId table) {
        known.put(oid, table);
    }

    /**
     * What there is to tell.
     *
     * @return one record for each table that was dropped and of which no change is to come any more
     */
    List<SourceRecord> look() throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook >= everyNanos) {
            lastLook = now;
            GoneTables found = notToldYet(catalog.gone(known.keySet()));
            found.oids().forEach(oid -> gone.putIfAbsent(oid, found.position()));
        }
        if (gone.isEmpty() || now - lastLedger < ledgerNanos) {
            return List.of();
        }
        lastLedger = now;
        return tellReached(ledger.stream());
    }

    /** An LSN whose being reached has to be committed before something can be told; null where there is none. */
    @Nullable
    Lsn awaited() {
        return gone.values().stream().reduce(Lsn::max).orElse(null);
    }

    /**
     * The tables of the plan so far that a newer one leaves out because they are gone: they are not looked for under the newer one.
     * Changes of theirs may still be streamed, and so their offsets are not known.
     *
     * @param earlier the plan that the ledger still has
     * @throws SQLException where the catalogue cannot be read
     */
    List<SourceRecord> leftOut(CopyPlan earlier) throws SQLException {
        Map<Long, TableId> left = new HashMap<>();
        earlier.tables().forEach(table -> left.put(table.oid(), table.id()));
        left.keySet().removeAll(known.keySet());
        GoneTables found = notToldYet(catalog.gone(left.keySet()));
        List<SourceRecord> records = new ArrayList<>();
        for (long oid : found.oids()) {
            records.add(tell(oid, Objects.requireNonNull(left.get(oid)), found.position()));
        }
        return records;
    }

    /** A table is told of once, also where it is met again because changes are gone through again. */
    private GoneTables notToldYet(GoneTables found) {
        Set<Long> told = ledger.droppedTables(found.oids());
        known.keySet().removeAll(told);
        return new GoneTables(
                found.position(),
                found.oids().stream().filter(oid -> !told.contains(oid)).collect(Collectors.toSet()));
    }

    private List<SourceRecord> tellReached(@Nullable StreamPosition durable) throws SQLException {
        List<SourceRecord> records = new ArrayList<>();
        for (Map.Entry<Long, Lsn> table : Map.copyOf(gone).entrySet()) {
            if (durable != null && !durable.readFrom().isBefore(table.getValue())) {
                long oid = table.getKey();
                records.add(tell(oid, Objects.requireNonNull(known.get(oid)), table.getValue()));
                gone.remove(oid);
                known.remove(oid);
            }
        }
        return records;
    }

    private SourceRecord tell(long oid, TableId planned, Lsn lsn) throws SQLException {
        // It may have had another name, and another topic, since it was planned.
        Version last = ledger.shapes(oid).last();
        TableId table = last == null ? planned : last.shape().id();
        String topic = topics.apply(table);
        boolean replaced = catalog.exists(table);
        LOG.warn(
                "Table {} (OID {}) was dropped before {}: its rows stay in topic {} and in the target, from which they have to be"
                        + " deleted by hand where they are not wanted{}",
                table,
                oid,
                lsn,
                topic,
                replaced
                        ? ". There is another table of that name by now: where its rows go to the same place, empty the target"
                                + " before its first record, which follows the schema record with first_seen"
                        : "");
        return control.dropped(
                table,
                oid,
                topic,
                lsn,
                replaced,
                offsets.ends(topic),
                DropState.sourcePartition(server, oid),
                new DropState(lsn).toSourceOffset());
    }
}
