package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Attribute;
import io.pgseam.pg.TypeText;
import io.pgseam.pg.catalog.CompositeTypes;
import io.pgseam.pg.catalog.CompositeTypes.CompositeType;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.phase.CompositeHistory.Form;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The forms of the composite types that captured columns have.
 *
 * <p>PostgreSQL writes a value with the attributes that its type had when the row was written, and says nothing of an ALTER
 * TYPE. So this looks from time to time what the types are by now, and keeps what they were, over restarts in the ledger. Which
 * form a value has is told by the number of its attributes; where two forms have as many, by the LSN at which the later one was
 * seen.
 *
 * <p>Shared by the thread that looks and the one that reads the slot.
 */
final class CompositeForms {

    private static final Logger LOG = LoggerFactory.getLogger(CompositeForms.class);

    private final String server;
    private final SourceCatalog catalog;
    private final LongFunction<CompositeHistory> ledger;
    private final ControlRecords control;
    private final long everyNanos;

    /** What is known of the types that were met, by OID. */
    private final Map<Long, CompositeHistory> histories = new TreeMap<>();

    /** What was told of them. */
    private final Map<Long, CompositeHistory> told = new TreeMap<>();

    /** Whether some type is known in more than one form: most sources have none, and each transaction asks. */
    private volatile boolean altered;

    private long lastLook;

    /**
     * @param ledger what is committed of a type's forms, by its OID
     * @param server {@code topic.prefix}
     * @param everyNanos the time between two looks, in ns
     */
    CompositeForms(
            SourceCatalog catalog,
            LongFunction<CompositeHistory> ledger,
            ControlRecords control,
            String server,
            long everyNanos) {
        this.server = server;
        this.catalog = catalog;
        this.ledger = ledger;
        this.control = control;
        this.everyNanos = everyNanos;
        this.lastLook = System.nanoTime() - everyNanos;
    }

    /**
     * A type with the forms that it, and whatever it is made of, has at a place of the stream.
     *
     * @param commitLsn commit LSN of the transaction at hand
     * @throws SQLException where the catalogue cannot be read
     */
    synchronized PgType at(PgType type, Lsn commitLsn) throws SQLException {
        PgType element = type.element();
        if (element != null) {
            return type.of(at(element, commitLsn));
        }
        if (type.kind() != PgType.Kind.COMPOSITE) {
            return type;
        }
        if (!histories.containsKey(type.oid())) {
            meet(type.oid());
        }
        List<List<Attribute>> forms = new ArrayList<>();
        for (Form form : history(type.oid()).likeliestFirst(commitLsn)) {
            List<Attribute> attributes = new ArrayList<>();
            for (TypeAttribute attribute : form.attributes()) {
                attributes.add(new Attribute(attribute.name(), at(typeOf(attribute), commitLsn), attribute.modifier()));
            }
            forms.add(attributes);
        }
        return forms.isEmpty() ? type : type.withForms(forms);
    }

    private CompositeHistory history(long oid) {
        return histories.getOrDefault(oid, CompositeHistory.EMPTY);
    }

    private PgType typeOf(TypeAttribute attribute) throws SQLException {
        // One that was dropped since.
        return catalog.type(attribute.typeOid())
                .orElseGet(() ->
                        new PgType(attribute.typeOid(), "pg_catalog", "unknown", PgType.Kind.BASE, null, -1, ','));
    }

    private void meet(long oid) throws SQLException {
        CompositeHistory known = ledger.apply(oid);
        told.put(oid, known);
        histories.put(oid, known);
        take(catalog.composites(List.of(oid)));
    }

    /**
     * Takes in what the types are by now.
     *
     * @throws SQLException where the catalogue cannot be read
     */
    synchronized void refresh() throws SQLException {
        if (!histories.isEmpty()) {
            take(catalog.composites(histories.keySet()));
        }
    }

    private void take(CompositeTypes present) {
        for (CompositeType type : present.types()) {
            CompositeHistory history = history(type.oid());
            Form last = history.last();
            if (last == null || !last.attributes().equals(type.attributes())) {
                Lsn since = last == null ? Lsn.NONE : present.position();
                histories.put(type.oid(), history.with(new Form(since, type.attributes())));
            }
        }
        altered =
                histories.values().stream().anyMatch(history -> history.forms().size() > 1);
    }

    /** A number that is another one where some type is known to have another form by then. */
    int changesBy(Lsn commitLsn) {
        return altered ? countChangesBy(commitLsn) : 0;
    }

    private synchronized int countChangesBy(Lsn commitLsn) {
        return histories.values().stream()
                .mapToInt(history -> history.changesBy(commitLsn))
                .sum();
    }

    /**
     * The records of what has changed, if it is time for a look.
     *
     * @param own the catalogue, asked in a session of its own: the thread that reads the slot must not wait for a look
     */
    List<SourceRecord> look(SourceCatalog own) throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook < everyNanos) {
            return List.of();
        }
        lastLook = now;
        Set<Long> known = known();
        if (known.isEmpty()) {
            return List.of();
        }
        return tell(own.composites(known));
    }

    private synchronized Set<Long> known() {
        return Set.copyOf(histories.keySet());
    }

    private synchronized List<SourceRecord> tell(CompositeTypes present) throws SQLException {
        List<SourceRecord> records = new ArrayList<>();
        take(present);
        for (CompositeType type : present.types()) {
            CompositeHistory history = history(type.oid());
            CompositeHistory before = told.getOrDefault(type.oid(), CompositeHistory.EMPTY);
            if (!history.equals(before)) {
                records.add(tell(type, history, before));
                told.put(type.oid(), history);
            }
        }
        return records;
    }

    private SourceRecord tell(CompositeType type, CompositeHistory history, CompositeHistory before)
            throws SQLException {
        Form now = history.forms().get(history.forms().size() - 1);
        Form last = before.last();
        if (last != null) {
            LOG.warn(
                    "Composite type {}.{} was altered before {}: its attributes are {}, were {}. Values have the attributes of"
                            + " the time when they were written; records before have the old ones, and rows that no change"
                            + " names stay so in the topics",
                    type.schema(),
                    type.name(),
                    now.since(),
                    names(now),
                    names(last));
        }
        Map<Long, String> types = new TreeMap<>();
        for (TypeAttribute attribute : now.attributes()) {
            types.put(attribute.typeOid(), TypeText.of(typeOf(attribute), -1));
        }
        return control.compositeType(
                type, now, last, types, CompositeHistory.sourcePartition(server, type.oid()), history.toSourceOffset());
    }

    private static List<String> names(Form form) {
        return form.attributes().stream().map(TypeAttribute::name).toList();
    }
}
