package io.pgseam.record.debezium;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.data.Envelope;
import io.debezium.data.Envelope.Operation;
import io.debezium.relational.RelationalChangeRecordEmitter;
import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Records in Debezium's envelope: what its connector would send for the same row or change. */
final class DebeziumTableRecords implements TableRecords {

    private static final String NEW_KEY = RelationalChangeRecordEmitter.PK_UPDATE_NEWKEY_FIELD;
    private static final String OLD_KEY = RelationalChangeRecordEmitter.PK_UPDATE_OLDKEY_FIELD;

    private final DebeziumTables tables;
    private final TableId id;
    private final List<Column> columns;
    private final String topic;
    private final DebeziumSettings settings;
    private final Set<Operation> skipped;
    private final SourceBlock source;
    private final Clock clock;
    private final Instant begun;
    private final Set<String> nullable = new HashSet<>();
    private TableForm form;

    DebeziumTableRecords(
            DebeziumTables tables,
            TableId id,
            List<Column> columns,
            String topic,
            DebeziumSettings settings,
            Set<Operation> skipped,
            SourceBlock source,
            Clock clock)
            throws SQLException {
        this.tables = tables;
        this.id = id;
        this.columns = List.copyOf(columns);
        this.topic = topic;
        this.settings = settings;
        this.skipped = Set.copyOf(skipped);
        this.source = source;
        this.clock = clock;
        this.begun = clock.instant();
        this.form = tables.look(id, this.columns, nullable, 0);
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
        return form.memoryOf(textBytes);
    }

    @Override
    public SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        fit(row);
        Object[] values = form.values(row, null);
        Struct value = envelope().read(form.row(values), source.ofSnapshotRow(place, anchor, begun), clock.instant());
        return new SourceRecord(
                partition, offset, topic, null, form.keySchema(), form.key(values), value.schema(), value);
    }

    @Override
    public void insert(TextRow row, ChangeWriter writer) {
        fit(row);
        if (writer.begin(What.PRESENT) && !skipped.contains(Operation.CREATE)) {
            Object[] values = form.values(row, null);
            create(values, form.key(values), null, row, writer);
        }
    }

    @Override
    public void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        fit(newRow);
        Object[] values = form.values(newRow, oldRow);
        Object[] oldValues = oldRow == null ? null : form.values(oldRow, null);
        Struct key = form.key(values);
        Struct oldKey = movedFrom(oldRow, oldRowWhole, oldValues, key);
        if (oldKey != null && oldRow != null && oldValues != null && key != null) {
            delete(oldValues, oldKey, header(NEW_KEY, key), oldRow, writer);
            if (writer.begin(What.PRESENT) && !skipped.contains(Operation.CREATE)) {
                create(values, key, header(OLD_KEY, oldKey), newRow, writer);
            }
        } else if (writer.begin(What.PRESENT) && !skipped.contains(Operation.UPDATE)) {
            Struct before = oldValues == null ? null : form.row(oldValues);
            Struct value = envelope().update(before, form.row(values), source.ofChange(writer), clock.instant());
            write(key, value, null, newRow, writer);
        }
    }

    /** The old key where it is another than the new one. An old row without the key's columns says nothing of the key. */
    private @Nullable Struct movedFrom(
            @Nullable TextRow oldRow, boolean whole, Object @Nullable [] oldValues, @Nullable Struct newKey) {
        if (oldRow == null || oldValues == null || newKey == null || !(whole || form.hasKey(oldRow))) {
            return null;
        }
        Struct oldKey = form.key(oldValues);
        return newKey.equals(oldKey) ? null : oldKey;
    }

    @Override
    public void updateOfLostRow(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        Object[] oldValues = oldRow == null ? null : form.values(oldRow, null);
        Struct key = form.key(form.values(newRow, null));
        Struct oldKey = movedFrom(oldRow, oldRowWhole, oldValues, key);
        if (oldKey != null && oldRow != null && oldValues != null && key != null) {
            delete(oldValues, oldKey, header(NEW_KEY, key), oldRow, writer);
        }
        writer.begin(What.PRESENT);
    }

    @Override
    public void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        if (form.keySchema() != null && !oldRowWhole && !form.hasKey(oldRow)) {
            throw new ConnectException("A row of table " + id + " was deleted at " + writer.commitLsn()
                    + ", and its replica identity does not hold its key. Run: ALTER TABLE " + id.quoted()
                    + " REPLICA IDENTITY FULL");
        }
        Object[] values = form.values(oldRow, null);
        delete(values, form.key(values), null, oldRow, writer);
    }

    private void delete(
            Object[] values, @Nullable Struct key, @Nullable ConnectHeaders headers, TextRow row, ChangeWriter writer) {
        boolean written = !skipped.contains(Operation.DELETE);
        if (writer.begin(What.GONE) && written) {
            Struct value = envelope().delete(form.row(values), source.ofChange(writer), clock.instant());
            if (key != null && !writer.fits(RecordSize.of(key, value))) {
                // The old row is a courtesy; a delete that is left out would be a ghost in the target (I9).
                value = envelope().delete(form.row(form.keyOnly(values)), source.ofChange(writer), clock.instant());
            }
            write(key, value, headers, row, writer);
        }
        if (settings.tombstones() && writer.begin(What.GONE) && written) {
            write(key, null, headers, row, writer);
        }
    }

    private void create(
            Object[] values, @Nullable Struct key, @Nullable ConnectHeaders headers, TextRow row, ChangeWriter writer) {
        Struct value = envelope().create(form.row(values), source.ofChange(writer), clock.instant());
        write(key, value, headers, row, writer);
    }

    @Override
    public boolean truncate(ChangeWriter writer) {
        if (skipped.contains(Operation.TRUNCATE)) {
            return false;
        }
        if (writer.begin(What.GONE)) {
            Struct value = envelope().truncate(source.ofChange(writer), clock.instant());
            writer.write(
                    new SourceRecord(
                            writer.partition(), writer.offset(), topic, null, null, null, value.schema(), value),
                    (int) form.memoryOf(0));
        }
        return true;
    }

    private void write(
            @Nullable Struct key,
            @Nullable Struct value,
            @Nullable ConnectHeaders headers,
            TextRow row,
            ChangeWriter writer) {
        Schema valueSchema = value == null ? null : value.schema();
        SourceRecord change = new SourceRecord(
                writer.partition(),
                writer.offset(),
                topic,
                null,
                form.keySchema(),
                key,
                valueSchema,
                value,
                null,
                headers);
        writer.write(
                writer.admit(change, id, columns), (int) Math.min(Integer.MAX_VALUE, form.memoryOf(textBytes(row))));
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

    private Envelope envelope() {
        return form.schema().getEnvelopeSchema();
    }

    /**
     * Looks the table up again where its schema does not fit the row: a column forbids NULL by now, and did not when the row
     * was written; or an enum has got a new value, which no message says.
     */
    private void fit(TextRow row) {
        int missing = form.missingValue(row);
        PostgresType stale = form.unknownEnum(row);
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
        } catch (SQLException e) {
            throw new ConnectException(
                    "Table " + id + " has changed and cannot be looked up: " + e.getMessage() + ". Restart the task",
                    e);
        }
    }
}
