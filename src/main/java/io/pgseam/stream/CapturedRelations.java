package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeChange.KeyChanged;
import io.pgseam.phase.ShapeComparison;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.TableShape;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.stream.ShapeReader.Read;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * The captured tables by the OID that changes name them with, each in the shape that it had when the change at hand was made.
 *
 * <p>A Relation message is looked at when the first change needs it: some are sent of tables that no change names, such as
 * partitions that are published as their root, or come with transactions that Kafka has already.
 */
final class CapturedRelations {

    private final ShapeReader reader;
    private final ShapeReader.Visibility visibility;
    private final CompositeForms composites;
    private final TableRecordsFactory recordsFactory;
    private final LongFunction<ShapeHistory> ledger;
    private final Map<Long, Relation> described = new HashMap<>();
    private final PartitionIdentities partitions = new PartitionIdentities();
    private final Map<Long, Held> byOid = new HashMap<>();
    private final Map<Long, ShapeHistory> histories;

    /** The answer to the last question: most changes are of the table of the change before. */
    private @Nullable Held last;

    private long lastOid;
    private int descriptions;

    /** By which composite types are known to have other forms than when the tables were taken in. */
    private int compositeChanges;

    /**
     * A table as it is held.
     *
     * @param relation the table; null where it is not captured
     * @param until the version that follows, where changes are gone through again; else null
     */
    private record Held(
            @Nullable CapturedRelation relation, @Nullable Version until) {}

    /**
     * What a Relation message came to.
     *
     * @param oid OID of the table
     * @param held the table from here on
     * @param shape its shape from here on
     * @param recordKey names of the columns that its records are keyed by
     * @param changes what has changed; empty if it continues as the ledger has it
     */
    record Taken(long oid, Held held, TableShape shape, List<String> recordKey, List<ShapeChange> changes) {}

    /**
     * @param tables of the same catalogue
     * @param visibility waits until the catalogue shows a transaction
     * @param composites the forms of composite types
     * @param ledger what is committed of a table's shapes, by its OID
     */
    CapturedRelations(
            SourceCatalog catalog,
            TablesAhead tables,
            ShapeReader.Visibility visibility,
            CompositeForms composites,
            TableRecordsFactory recordsFactory,
            LongFunction<ShapeHistory> ledger) {
        this(
                new ShapeReader(catalog, tables, visibility, composites),
                visibility,
                composites,
                recordsFactory,
                ledger,
                new HashMap<>());
    }

    private CapturedRelations(
            ShapeReader reader,
            ShapeReader.Visibility visibility,
            CompositeForms composites,
            TableRecordsFactory recordsFactory,
            LongFunction<ShapeHistory> ledger,
            Map<Long, ShapeHistory> histories) {
        this.reader = reader;
        this.visibility = visibility;
        this.composites = composites;
        this.recordsFactory = recordsFactory;
        this.ledger = ledger;
        this.histories = histories;
    }

    /** The same tables for a second reading of the slot: what the server describes is its own, what is known of shapes is shared. */
    CapturedRelations forSecondReading() {
        return new CapturedRelations(reader, visibility, composites, recordsFactory, ledger, histories);
    }

    /** A transaction begins: composite types may have another form from here on, and what renders them has to be made again. */
    void begin(Lsn commitLsn) {
        int changes = composites.changesBy(commitLsn);
        if (changes != compositeChanges) {
            compositeChanges = changes;
            forget();
        }
    }

    /**
     * Looks what composite types are by now, so that tables are taken in again with that.
     *
     * @param xid the transaction at hand, which may have altered them itself
     * @throws SQLException where the catalogue cannot be read
     */
    void refreshTypes(long xid) throws SQLException {
        visibility.await(xid);
        composites.refresh();
        forget();
    }

    private void forget() {
        last = null;
        byOid.clear();
    }

    /** The name of a table as the stream has described it last, by its OID; null where it has not. */
    @Nullable
    TableId described(long oid) {
        Relation relation = described.get(oid);
        return relation == null ? null : relation.id();
    }

    /** How many Relation messages there were. */
    int descriptions() {
        return descriptions;
    }

    /** Remembers a Relation message. */
    void describe(Relation relation) {
        described.put(relation.oid(), relation);
        partitions.described(relation);
        descriptions++;
        hold(relation.oid(), null);
    }

    /** A change of a row of this table is next. */
    void beforeChange(long oid) {
        partitions.change(oid);
    }

    /** A message that is neither a Relation message nor a change of a row is next. */
    void beforeOtherMessage() {
        partitions.otherMessage();
    }

    /**
     * Whether {@link #find} has the right answer for a change; else the table has to be taken in first.
     */
    boolean knows(long oid, ChangeId change) {
        Held held = held(oid);
        if (held == null) {
            return !described.containsKey(oid);
        }
        return held.until() == null || !held.until().beginsBy(change);
    }

    /** The table of this OID; null where it is not captured. */
    @Nullable
    CapturedRelation find(long oid) {
        Held held = held(oid);
        return held == null ? null : held.relation();
    }

    private @Nullable Held held(long oid) {
        if (last == null || lastOid != oid) {
            lastOid = oid;
            last = byOid.get(oid);
        }
        return last;
    }

    private void hold(long oid, @Nullable Held held) {
        last = null;
        if (held == null) {
            byOid.remove(oid);
        } else {
            byOid.put(oid, held);
        }
    }

    /** What is known of a table's shapes. */
    ShapeHistory history(long oid) {
        return histories.computeIfAbsent(oid, ledger::apply);
    }

    /** Replaces what is known of a table's shapes. */
    void keep(long oid, ShapeHistory history) {
        histories.put(oid, history);
    }

    /**
     * Takes in the last Relation message of a table, without making it hold: that is for {@link #adopt}.
     *
     * @param change the change from which on it is to hold
     * @param xid the transaction at hand
     * @return null if the table is not captured, or not yet
     * @throws ConnectException if no records can be made of it
     * @throws SQLException where the catalogue cannot be read
     */
    @Nullable
    Taken take(long oid, ChangeId change, long xid) throws SQLException {
        Relation message = described.get(oid);
        if (message == null) {
            return null;
        }
        ShapeHistory history = history(oid);
        Version holds = history.at(change);
        if (holds == null && !history.versions().isEmpty()) {
            // Older than anything that is known, which then is the best guess.
            holds = history.versions().get(0);
        }
        TableShape before = holds == null ? null : holds.shape();
        Version next = holds == null ? null : history.after(holds);
        Read read = reader.read(message, before, change.commitLsn(), xid);
        if (read == null) {
            hold(oid, new Held(null, null));
            return null;
        }
        if (before != null && next != null && before.isSameButKey(read.shape())) {
            // Gone through again: the key was decided then (invariant I7).
            read = read.as(before);
        }
        List<ShapeChange> changes = new ArrayList<>(
                next == null ? ShapeComparison.compare(before, read.shape(), read.present()) : List.of());
        if (!read.messageKey().isEmpty()) {
            // Records are keyed by something else.
            changes.removeIf(KeyChanged.class::isInstance);
        }
        return new Taken(oid, new Held(relation(read), next), read.shape(), read.recordKey(), changes);
    }

    private CapturedRelation relation(Read read) throws SQLException {
        boolean all = read.places().size() == read.message().columns().size();
        return new CapturedRelation(
                read.message().oid(),
                read.shape().id(),
                read.columns(),
                recordsFactory.recordsOf(read.shape().id(), read.above(), read.columns()),
                all ? null : read.places().stream().mapToInt(Integer::intValue).toArray(),
                read.keyInOldRows(),
                partitions.oldRows(read.message().oid()));
    }

    /** Changes of a table are not sent from here on. */
    void passOver(long oid) {
        hold(oid, new Held(null, null));
    }

    /**
     * From here on the table has the shape that was taken in.
     *
     * @param history its shapes, with this one
     */
    void adopt(Taken taken, ShapeHistory history) {
        hold(taken.oid(), taken.held());
        keep(taken.oid(), history);
    }
}
