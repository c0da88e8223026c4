package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TypeText;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.RelationColumn;
import io.pgseam.phase.TableShape;
import io.pgseam.phase.TableShape.ShapeColumn;
import io.pgseam.record.UnfitTableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from a Relation message what a table looked like at that place of the stream.
 *
 * <p>The message tells name, columns, types and replica identity as of its place, so it decides on all of that. The catalogue
 * shows the present, which may be many alterations ahead, and is asked only for what the message does not tell.
 */
final class ShapeReader {

    private static final Logger LOG = LoggerFactory.getLogger(ShapeReader.class);

    /** Waits until the catalogue shows what a transaction did that the stream has brought: it may have altered a table. */
    interface Visibility {
        void await(long transactionId) throws SQLException;
    }

    private final SourceCatalog catalog;
    private final Visibility visibility;
    private final CompositeForms composites;
    private final TablesAhead tables;

    /** @param tables of the same catalogue */
    ShapeReader(SourceCatalog catalog, TablesAhead tables, Visibility visibility, CompositeForms composites) {
        this.catalog = catalog;
        this.tables = tables;
        this.visibility = visibility;
        this.composites = composites;
    }

    /**
     * What a message says.
     *
     * @param shape the captured table
     * @param columns its columns, as records need them
     * @param places for each of them, its place among the published columns
     * @param messageKey names of the columns that {@code message.key.columns} makes its key; empty where its row key is
     * @param message the message
     * @param present the table in the catalogue; null where it is gone
     */
    record Read(
            TableShape shape,
            List<Column> columns,
            List<Integer> places,
            List<String> messageKey,
            Relation message,
            @Nullable PresentTable present) {

        /** The tables that it is a partition of; empty if the catalogue does not know it any more. */
        List<TableId> above() {
            return present == null ? List.of() : present.ancestors();
        }

        /** Names of the columns that records are keyed by. */
        List<String> recordKey() {
            return messageKey.isEmpty() ? shape.key() : messageKey;
        }

        /** The same with the row key, and what else is decided only once, of a shape that was read before. */
        Read as(TableShape earlier) {
            List<Column> keyed = columns.stream()
                    .map(column -> column(
                            column.name(),
                            column.type(),
                            column.modifier(),
                            column.notNull(),
                            earlier.key(),
                            messageKey))
                    .toList();
            return new Read(earlier, keyed, places, messageKey, message, present);
        }

        /**
         * Whether an old row is sent wherever the record key changes, and tells it: with a message key only where the replica
         * identity covers that. The row key is always covered.
         */
        boolean keyInOldRows() {
            return message.columns().stream()
                    .filter(column -> messageKey.contains(column.name()))
                    .allMatch(RelationColumn::key);
        }
    }

    private static Column column(
            String name, PgType type, int modifier, boolean notNull, List<String> rowKey, List<String> messageKey) {
        List<String> recordKey = messageKey.isEmpty() ? rowKey : messageKey;
        return new Column(name, type, modifier, notNull, recordKey.indexOf(name) + 1, rowKey.contains(name));
    }

    /**
     * Reads a message.
     *
     * @param before the shape of the table up to here; null where none is known
     * @param commitLsn commit LSN of the transaction at hand
     * @param xid the transaction at hand
     * @return null where the table is not captured
     */
    @Nullable
    Read read(Relation message, @Nullable TableShape before, Lsn commitLsn, long xid) throws SQLException {
        Optional<PresentTable> present = present(message, xid);
        List<TableId> names = selectedNames(message.id(), present);
        if (names.isEmpty()) {
            return null;
        }
        if (!catalog.covers(message.oid())) {
            LOG.info(
                    "Table {} is published and not copied yet: its changes wait until the leader has it copied"
                            + " (table.check.interval.ms; if that is 0, at the next start)",
                    message.id());
            return null;
        }
        ensureKeyIsPublished(message, before, present);
        List<String> key = rowKey(message, before, present);
        List<String> messageKey = messageKey(message, names);
        List<Column> captured = new ArrayList<>();
        List<ShapeColumn> shape = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int field = 0; field < message.columns().size(); field++) {
            RelationColumn published = message.columns().get(field);
            String name = published.name();
            if (key.contains(name) || messageKey.contains(name) || isSelected(name, names)) {
                PgType type = composites.at(type(published.typeOid(), message.id(), xid), commitLsn);
                int modifier = published.modifier();
                boolean notNull = isNotNull(published, present, before);
                captured.add(column(name, type, modifier, notNull, key, messageKey));
                shape.add(new ShapeColumn(name, published.typeOid(), modifier, TypeText.of(type, modifier), notNull));
                places.add(field);
            }
        }
        TableShape read = new TableShape(message.id(), message.replicaIdentity(), shape, key);
        return new Read(read, captured, places, messageKey, message, present.orElse(null));
    }

    /**
     * The table in the catalogue. Where it does not fit the message, the transaction at hand may have altered it, and the
     * catalogue not show that yet.
     */
    private Optional<PresentTable> present(Relation message, long xid) throws SQLException {
        Optional<PresentTable> present = tables.table(message.oid(), xid);
        if (present.isPresent() && tellsKey(message) && describes(message, present.get())) {
            return present;
        }
        visibility.await(xid);
        return catalog.table(message.oid());
    }

    private static boolean describes(Relation message, PresentTable present) {
        return message.id().equals(present.id())
                && message.replicaIdentity() == present.replicaIdentity()
                && message.columns().stream()
                        .allMatch(column -> fitting(column, present).isPresent());
    }

    private static Optional<Attribute> fitting(RelationColumn column, PresentTable present) {
        return present.attribute(column.name())
                .filter(attribute ->
                        attribute.typeOid() == column.typeOid() && attribute.modifier() == column.modifier());
    }

    /** The names under which the table is captured: its own at this place of the stream, and those of tables above it. */
    private List<TableId> selectedNames(TableId own, Optional<PresentTable> present) {
        List<TableId> names = new ArrayList<>();
        names.add(own);
        present.ifPresent(table -> names.addAll(table.ancestors()));
        return names.stream().filter(catalog::includes).toList();
    }

    private boolean isSelected(String column, List<TableId> names) {
        return names.stream().allMatch(table -> catalog.includes(table, column));
    }

    /** By the table's own name, else by that of the nearest table above it that has one. */
    private List<String> messageKey(Relation message, List<TableId> names) {
        List<String> key = catalog.messageKey(message.id());
        for (TableId name : names) {
            key = key.isEmpty() ? catalog.messageKey(name) : key;
        }
        for (String column : key) {
            if (message.columns().stream()
                    .noneMatch(published -> published.name().equals(column))) {
                throw new ConnectException("Column \"" + column + "\" of table " + message.id()
                        + " is part of its key by message.key.columns, and is no longer published: correct"
                        + " message.key.columns, or the column list of the publication");
            }
        }
        return key;
    }

    /** With REPLICA IDENTITY FULL every column is flagged, with NOTHING, or without an index that serves, none is. */
    private static boolean tellsKey(Relation message) {
        return switch (message.replicaIdentity()) {
            case FULL, NOTHING -> false;
            case DEFAULT, INDEX -> message.columns().stream().anyMatch(RelationColumn::key);
        };
    }

    /**
     * The row key. The columns that the message flags, where it tells them; their order, as they are in the catalogue, else as
     * they were. Else that of the catalogue, and, where it names columns that are not in the message, the one that was.
     */
    private static List<String> rowKey(Relation message, @Nullable TableShape before, Optional<PresentTable> present) {
        List<String> now = present.map(PresentTable::key).orElse(List.of());
        List<String> earlier = before == null ? List.of() : before.key();
        List<String> columns =
                message.columns().stream().map(RelationColumn::name).toList();
        if (present.isPresent() && present.get().hasGeneratedKeyBesides(columns)) {
            // A part of a key is none: rows that differ in the rest of it would overwrite each other.
            return List.of();
        }
        if (tellsKey(message)) {
            List<String> flagged = message.columns().stream()
                    .filter(RelationColumn::key)
                    .map(RelationColumn::name)
                    .toList();
            if (isSameSet(now, flagged)) {
                return now;
            }
            return isSameSet(earlier, flagged) ? earlier : flagged;
        }
        if (present.isPresent() && columns.containsAll(now)) {
            return now;
        }
        return columns.containsAll(earlier) ? earlier : List.of();
    }

    /** A column of the key that the rows before had, and that the table still has, was taken out of what is published. */
    private static void ensureKeyIsPublished(
            Relation message, @Nullable TableShape before, Optional<PresentTable> present) {
        if (before == null || present.isEmpty()) {
            return;
        }
        List<String> published =
                message.columns().stream().map(RelationColumn::name).toList();
        for (String column : present.get().key()) {
            if (!published.contains(column) && before.column(column).isPresent()) {
                throw new UnfitTableException("column \"" + column
                        + "\" of its key is not published any more: correct the" + " column list of the publication");
            }
        }
    }

    private static boolean isSameSet(List<String> some, List<String> others) {
        return some.size() == others.size() && some.containsAll(others);
    }

    private static boolean isNotNull(
            RelationColumn column, Optional<PresentTable> present, @Nullable TableShape before) {
        Optional<Attribute> now = present.flatMap(table -> fitting(column, table));
        if (now.isPresent()) {
            return now.get().notNull();
        }
        return before != null
                && before.column(column.name()).map(ShapeColumn::notNull).orElse(false);
    }

    /** A type that was made by the transaction at hand, or dropped since. */
    private PgType type(long oid, TableId table, long xid) throws SQLException {
        Optional<PgType> type = catalog.type(oid);
        if (type.isEmpty()) {
            visibility.await(xid);
            type = catalog.type(oid);
        }
        if (type.isEmpty()) {
            LOG.warn(
                    "Table {} had a column of the type with OID {}, which was dropped since: its values are sent as"
                            + " PostgreSQL's text",
                    table,
                    oid);
        }
        return type.orElseGet(() -> new PgType(oid, "pg_catalog", "unknown", PgType.Kind.BASE, null, -1, ','));
    }
}
