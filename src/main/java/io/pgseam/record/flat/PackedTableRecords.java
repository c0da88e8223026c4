package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.PackedRecord;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.flat.RowPacker.Topic;
import io.pgseam.record.json.JsonBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Rows in the flat format, many to a message ({@code flat.pack.bytes}). */
final class PackedTableRecords extends FlatChanges {

    private final RowPacker packer;
    private final Topic topic;

    PackedTableRecords(
            TableId table,
            String topic,
            List<Column> columns,
            FlatSettings settings,
            UnrepresentableValues unrepresentable,
            RowPacker packer) {
        super(table, columns, settings, unrepresentable);
        this.packer = packer;
        this.topic = packer.topic(topic);
    }

    @Override
    public String topic() {
        return topic.name();
    }

    /** Returns a row that has to go alone: no other row of the copy has its key, so order does not matter. */
    @Override
    public @Nullable SourceRecord snapshotRow(
            TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
        JsonBuffer rows = packer.rows();
        int start = rows.size();
        JsonBuffer key = keyOf(row);
        encoder().upsert(row, anchor.value(), 0, true, 0, rows);
        if (packer.isPackable(rows.size() - start)) {
            int bucket = topic.bucketOf(key);
            packer.add(topic, this, bucket, start, rows.rowHash(packer.key(bucket), start));
            return null;
        }
        SourceRecord alone = alone(key, start, partition, offset);
        packer.forgetNew();
        return alone;
    }

    @Override
    void upsert(JsonBuffer key, TextRow row, boolean written, ChangeWriter writer) {
        if (writer.begin(What.PRESENT) && written) {
            int start = packer.rows().size();
            encoder()
                    .upsert(
                            row,
                            writer.commitLsn().value(),
                            writer.sequence(),
                            false,
                            writer.commitTimeMs(),
                            packer.rows());
            add(key, start, writer);
        }
    }

    @Override
    void delete(JsonBuffer key, TextRow oldRow, boolean oldRowWhole, boolean written, ChangeWriter writer) {
        if (!writer.begin(What.GONE) || !written) {
            return;
        }
        JsonBuffer rows = packer.rows();
        int start = rows.size();
        write(oldRow, oldRowWhole, writer);
        int length = rows.size() - start;
        if (oldRowWhole && key.size() > 0 && !writer.fits(RecordSize.of(key.size(), length))) {
            // The old row is a courtesy; a delete that is left out would be a ghost in the target (I9).
            rows.endAt(start);
            write(oldRow, false, writer);
        }
        add(key, start, writer);
    }

    private void write(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
        encoder()
                .delete(
                        oldRow,
                        oldRowWhole,
                        writer.commitLsn().value(),
                        writer.sequence(),
                        writer.commitTimeMs(),
                        packer.rows());
    }

    private void add(JsonBuffer key, int start, ChangeWriter writer) {
        int bucket = topic.bucketOf(key);
        if (packer.isPackable(packer.rows().size() - start)) {
            packer.add(topic, this, bucket, start, 0);
        } else {
            SourceRecord record = writer.admit(alone(key, start, writer.partition(), Map.of()), table(), columns());
            packer.addAlone(topic, this, bucket, start, record);
        }
    }

    private SourceRecord alone(JsonBuffer key, int start, Map<String, ?> partition, Map<String, ?> offset) {
        byte[] bucketKey = packer.key(topic.bucketOf(key));
        return new PackedRecord(
                partition,
                offset,
                topic.name(),
                bucketKey,
                packer.alone(start),
                1,
                packer.rows().rowHash(bucketKey, start),
                key.size() == 0 ? null : key.toByteArray());
    }
}
