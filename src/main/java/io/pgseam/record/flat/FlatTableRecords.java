package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Records in the flat format: key and value are JSON objects as UTF-8 bytes. */
public final class FlatTableRecords implements TableRecords {

    private static final Schema BYTES = Schema.OPTIONAL_BYTES_SCHEMA;
    private static final String SNAPSHOT_HEADER = "pgseam.snapshot";
    private static final String LSN_HEADER = "pgseam.lsn";
    private static final String TRANSACTION_HEADER = "pgseam.txid";

    /** More than the three headers take. */
    private static final int MOST_HEADER_BYTES = 160;

    private final TableId table;
    private final List<Column> columns;
    private final String topic;
    private final FlatRowEncoder encoder;
    private final boolean tombstones;
    private final boolean headers;
    private final boolean placeholder;

    /**
     * @param table the table, for messages
     * @param topic the table's topic
     * @param columns the captured columns, in the order of the fields of every row given
     * @param settings what the values carry
     * @param tombstones whether an empty record follows each delete, for compacted topics
     * @param headers whether records carry their marks as headers too
     * @param unrepresentable is told of values that JSON cannot hold
     */
    public FlatTableRecords(
            TableId table,
            String topic,
            List<Column> columns,
            FlatSettings settings,
            boolean tombstones,
            boolean headers,
            UnrepresentableValues unrepresentable) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.topic = topic;
        this.encoder = new FlatRowEncoder(table, columns, settings, unrepresentable);
        this.tombstones = tombstones;
        this.headers = headers;
        this.placeholder = settings.unchangedPlaceholder() != null;
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public boolean needsWholeRows() {
        return !placeholder;
    }

    @Override
    public SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        byte[] key = encoder.key(row);
        byte[] value = encoder.upsert(row, anchor.value(), 0, true, 0);
        SourceRecord copied = new SourceRecord(partition, offset, topic, null, BYTES, key, BYTES, value);
        if (headers) {
            mark(copied, true, anchor);
        }
        return copied;
    }

    private static Headers mark(SourceRecord record, boolean snapshot, Lsn lsn) {
        return record.headers().addBoolean(SNAPSHOT_HEADER, snapshot).addString(LSN_HEADER, lsn.toString());
    }

    @Override
    public void insert(TextRow row, ChangeWriter writer) {
        upsert(encoder.key(row), row, writer);
    }

    @Override
    public void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        byte[] key = encoder.key(newRow);
        deleteOldKey(oldRow, oldRowWhole, key, newRow, writer);
        upsert(key, newRow, writer);
    }

    @Override
    public void updateOfLostRow(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
        deleteOldKey(oldRow, oldRowWhole, encoder.key(newRow), newRow, writer);
        writer.begin(What.PRESENT);
    }

    /** A row that is another one now, by its record key or by its row key: the old one is gone. */
    private void deleteOldKey(
            @Nullable TextRow oldRow,
            boolean oldRowWhole,
            byte @Nullable [] newKey,
            TextRow newRow,
            ChangeWriter writer) {
        if (oldRow == null) {
            return;
        }
        if (newKey == null) {
            // Nothing but the whole row tells a row without a key. Whoever counts rows needs the delete of an equal
            // one, too.
            if (oldRowWhole) {
                delete(null, oldRow, true, writer);
            }
            return;
        }
        byte[] oldKey = encoder.key(oldRow);
        boolean moved = encoder.keyIsIdentity()
                ? !Arrays.equals(oldKey, newKey)
                : !Arrays.equals(encoder.identity(oldRow), encoder.identity(newRow));
        if (moved) {
            delete(oldKey, oldRow, oldRowWhole, writer);
        }
    }

    @Override
    public void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        delete(encoder.key(oldRow), oldRow, oldRowWhole, writer);
    }

    private void upsert(byte @Nullable [] key, TextRow row, ChangeWriter writer) {
        if (writer.begin(What.PRESENT)) {
            byte[] value =
                    encoder.upsert(row, writer.commitLsn().value(), writer.sequence(), false, writer.commitTimeMs());
            write(key, value, writer);
        }
    }

    private void delete(byte @Nullable [] key, TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        if (writer.begin(What.GONE)) {
            long sequence = writer.sequence();
            byte[] value =
                    encoder.delete(oldRow, oldRowWhole, writer.commitLsn().value(), sequence, writer.commitTimeMs());
            if (oldRowWhole
                    && key != null
                    && !writer.fits(RecordSize.of(key.length, value.length + MOST_HEADER_BYTES))) {
                // The old row is a courtesy; a delete that is left out would be a ghost in the target (I9).
                value = encoder.delete(oldRow, false, writer.commitLsn().value(), sequence, writer.commitTimeMs());
            }
            write(key, value, writer);
        }
        if (tombstones && key != null && writer.begin(What.GONE)) {
            write(key, null, writer);
        }
    }

    private void write(byte @Nullable [] key, byte @Nullable [] value, ChangeWriter writer) {
        SourceRecord change =
                new SourceRecord(writer.partition(), writer.offset(), topic, null, BYTES, key, BYTES, value);
        if (headers) {
            mark(change, false, writer.commitLsn()).addLong(TRANSACTION_HEADER, writer.transactionId());
        }
        writer.write(writer.admit(change, table, columns), length(key) + length(value));
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
