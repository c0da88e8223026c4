package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.data.Envelope.Operation;
import io.debezium.relational.RelationalChangeRecordEmitter;
import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.EventOrder;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.UnfitTableException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records in Debezium's envelope: what its connector would send for the same row or change.
 *
 * @param <R> a row as {@link Envelopes} read it
 */
final class DebeziumTableRecords<R> implements TableRecords {

    private static final String NEW_KEY = RelationalChangeRecordEmitter.PK_UPDATE_NEWKEY_FIELD;
    private static final String OLD_KEY = RelationalChangeRecordEmitter.PK_UPDATE_OLDKEY_FIELD;

    private final DebeziumTables tables;
    private final TableId id;
    private final List<Column> columns;
    private final String topic;
    private final DebeziumSettings settings;
    private final Set<Operation> skipped;
    private final boolean skipsUnchanged;
    private final Function<TableForm, Envelopes<R>> envelopesOf;
    private final Set<String> nullable = new HashSet<>();
    private TableForm form;
    private Envelopes<R> envelopes;

    /** @param envelopesOf what makes keys and values with the schemas that a table has at some time */
    DebeziumTableRecords(
            DebeziumTables tables,
            TableId id,
            List<Column> columns,
            String topic,
            DebeziumSettings settings,
            CommonConnectorConfig config,
            Function<TableForm, Envelopes<R>> envelopesOf)
            throws SQLException {
        this.tables = tables;
        this.id = id;
        this.columns = List.copyOf(columns);
        this.topic = topic;
        this.settings = settings;
        this.skipped = Set.copyOf(config.getSkippedOperations());
        this.skipsUnchanged = config.skipMessagesWithoutChange();
        this.envelopesOf = envelopesOf;
        this.form = tables.look(id, this.columns, nullable, 0);
        this.envelopes = envelopesOf.apply(form);
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public boolean needsWholeRows() {
        return settings.wholeRows();
    }

    @Override
    public long memoryOf(int textBytes) {
        return envelopes.memoryOf(textBytes);
    }

    @Override
    public SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        fit(row);
        R read = envelopes.row(row, null);
        Object value = envelopes.read(read, place, anchor);
        return new SourceRecord(
                partition,
                offset,
                topic,
                null,
                envelopes.keySchema(),
                envelopes.key(read),
                envelopes.schemaOf(value),
                value);
    }

    @Override
    public void insert(TextRow row, ChangeWriter writer) {
        fit(row);
        if (writer.begin(What.PRESENT) && isWritten(Operation.CREATE)) {
            upsert(Operation.CREATE, null, row, null, writer);
        }
    }

    @Override
    public void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        fit(newRow);
        KeyChange change = keyChange(oldRow, oldRowWhole, newRow);
        if (change != null) {
            delete(change.oldRow(), header(NEW_KEY, change.newKey()), writer);
            if (writer.begin(What.PRESENT) && isWritten(Operation.CREATE)) {
                upsert(Operation.CREATE, change.oldRow(), newRow, header(OLD_KEY, change.oldKey()), writer);
            }
        } else if (writer.begin(What.PRESENT)
                && isWritten(Operation.UPDATE)
                && !(skipsUnchanged && oldRow != null && oldRowWhole && newRow.holdsSameAs(oldRow))) {
            upsert(Operation.UPDATE, oldRow, newRow, null, writer);
        }
    }

    @Override
    public void updateOfLostRow(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        KeyChange change = keyChange(oldRow, oldRowWhole, newRow);
        if (change != null) {
            delete(change.oldRow(), header(NEW_KEY, change.newKey()), writer);
        }
        writer.begin(What.PRESENT);
    }

    /** A row that has another key now. */
    private record KeyChange(TextRow oldRow, Struct oldKey, Struct newKey) {}

    /** Null if the key is the same. An old row without the key's columns says nothing of the key. */
    private @Nullable KeyChange keyChange(@Nullable TextRow oldRow, boolean whole, TextRow newRow) {
        if (oldRow == null
                || form.keySchema() == null
                || !(whole || form.hasKey(oldRow))
                || form.sameKey(oldRow, newRow)) {
            return null;
        }
        Struct oldKey = Objects.requireNonNull(form.key(form.keyValues(oldRow, null)));
        Struct newKey = Objects.requireNonNull(form.key(form.keyValues(newRow, oldRow)));
        return newKey.equals(oldKey) ? null : new KeyChange(oldRow, oldKey, newKey);
    }

    @Override
    public void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        if (form.keySchema() != null && !oldRowWhole && !form.hasKey(oldRow)) {
            throw new UnfitTableException("A row of table " + id + " was deleted at " + writer.commitLsn()
                    + ", and its replica identity does not hold its key. Run: ALTER TABLE " + id.quoted()
                    + " REPLICA IDENTITY FULL");
        }
        delete(oldRow, null, writer);
    }

    private boolean isWritten(Operation operation) {
        return !skipped.contains(operation);
    }

    private void delete(TextRow oldRow, @Nullable ConnectHeaders headers, ChangeWriter writer) {
        boolean written = isWritten(Operation.DELETE);
        R read = envelopes.row(oldRow, null);
        Object key = written ? envelopes.key(read) : null;
        if (writer.begin(What.GONE) && written) {
            EventOrder order = writer.countEvent(id);
            Object value = envelopes.change(Operation.DELETE, read, null, writer, order);
            if (key != null && !writer.fits(envelopes.size(key, value))) {
                // The old row is a courtesy; a delete that is left out would be a ghost in the target (I9).
                value = envelopes.change(Operation.DELETE, envelopes.keyOnly(read), null, writer, order);
            }
            write(key, value, headers, oldRow, writer);
        }
        if (settings.tombstones() && writer.begin(What.GONE) && written) {
            write(key, null, headers, oldRow, writer);
        }
    }

    /** @param oldRow has the values that the new row leaves unchanged; of an update, it is the row before, too */
    private void upsert(
            Operation operation,
            @Nullable TextRow oldRow,
            TextRow newRow,
            @Nullable ConnectHeaders headers,
            ChangeWriter writer) {
        R after = envelopes.row(newRow, oldRow);
        R before = operation == Operation.UPDATE && oldRow != null ? envelopes.row(oldRow, null) : null;
        Object value = envelopes.change(operation, before, after, writer, writer.countEvent(id));
        write(envelopes.key(after), value, headers, newRow, writer);
    }

    @Override
    public boolean truncate(ChangeWriter writer) {
        if (!isWritten(Operation.TRUNCATE)) {
            return false;
        }
        if (writer.begin(What.GONE)) {
            Object value = envelopes.truncate(writer, writer.countEvent(id));
            writer.write(
                    new SourceRecord(
                            writer.partition(),
                            writer.offset(),
                            topic,
                            null,
                            null,
                            null,
                            envelopes.schemaOf(value),
                            value),
                    (int) envelopes.memoryOf(0));
        }
        return true;
    }

    private void write(
            @Nullable Object key,
            @Nullable Object value,
            @Nullable ConnectHeaders headers,
            TextRow row,
            ChangeWriter writer) {
        SourceRecord change = new SourceRecord(
                writer.partition(),
                writer.offset(),
                topic,
                null,
                envelopes.keySchema(),
                key,
                envelopes.schemaOf(value),
                value,
                null,
                headers);
        writer.write(writer.admit(change, id, columns), (int)
                Math.min(Integer.MAX_VALUE, envelopes.memoryOf(key, value, textBytes(row))));
    }

    private static int textBytes(TextRow row) {
        int bytes = 0;
        for (int field = 0; field < row.size(); field++) {
            bytes += Math.max(0, row.length(field));
        }
        return bytes;
    }

    private ConnectHeaders header(String name, Struct key) {
        ConnectHeaders headers = new ConnectHeaders();
        headers.add(name, key, form.keySchema());
        return headers;
    }

    /**
     * Looks the table up again where its schema does not fit the row: a column forbids NULL by now, and did not when the row
     * was written; or an enum has got a new value, which no message says.
     */
    private void fit(TextRow row) {
        int missing = form.missingValue(row);
        PostgresType stale = envelopes.needsEnumValues() ? form.unknownEnum(row) : null;
        if (missing < 0 && stale == null) {
            return;
        }
        try {
            while (missing >= 0) {
                nullable.add(columns.get(missing).name());
                form = tables.look(id, columns, nullable, 0);
                missing = form.missingValue(row);
            }
            if (stale != null) {
                form = tables.look(id, columns, nullable, stale.getOid());
            }
            envelopes = envelopesOf.apply(form);
        } catch (SQLException e) {
            throw new ConnectException(
                    "Table " + id + " has changed and cannot be looked up: " + e.getMessage() + ". Restart the task",
                    e);
        }
    }
}
