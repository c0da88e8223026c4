package io.pgseam.record.debezium;

import io.debezium.data.Envelope;
import io.debezium.data.Envelope.Operation;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import java.time.Clock;
import java.time.Instant;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Structs, for any converter of structured data. A row is its values, as Debezium's converters take them. */
final class StructEnvelopes implements Envelopes<Object[]> {

    private final TableForm form;
    private final SourceBlock source;
    private final Clock clock;
    private final Instant begun;

    /** @param begun when the table was begun to be read */
    StructEnvelopes(TableForm form, SourceBlock source, Clock clock, Instant begun) {
        this.form = form;
        this.source = source;
        this.clock = clock;
        this.begun = begun;
    }

    @Override
    public Object[] row(TextRow row, @Nullable TextRow older) {
        return form.values(row, older);
    }

    @Override
    public Object[] keyOnly(Object[] values) {
        return form.keyOnly(values);
    }

    @Override
    public @Nullable Object key(Object[] values) {
        return form.key(values);
    }

    @Override
    public @Nullable Schema keySchema() {
        return form.keySchema();
    }

    @Override
    public @Nullable Schema schemaOf(@Nullable Object value) {
        return value == null ? null : ((Struct) value).schema();
    }

    @Override
    public Object read(Object[] values, SnapshotPlace place, Lsn anchor) {
        return envelope().read(form.row(values), source.ofSnapshotRow(place, anchor, begun), clock.instant());
    }

    @Override
    public Object change(
            Operation operation,
            Object @Nullable [] before,
            Object @Nullable [] after,
            ChangeWriter change,
            @Nullable EventOrder order) {
        Struct old = before == null ? null : form.row(before);
        Struct present = after == null ? null : form.row(after);
        Struct block = source.ofChange(change);
        Instant now = clock.instant();
        Struct value = switch (operation) {
            case CREATE -> envelope().create(present, block, now);
            case UPDATE -> envelope().update(old, present, block, now);
            case DELETE -> envelope().delete(old, block, now);
            default -> throw new IllegalArgumentException("no change of a row: " + operation);
        };
        return TransactionBlock.put(value, change, order);
    }

    @Override
    public Struct truncate(ChangeWriter change, @Nullable EventOrder order) {
        return TransactionBlock.put(envelope().truncate(source.ofChange(change), clock.instant()), change, order);
    }

    @Override
    public long size(Object key, Object value) {
        return RecordSize.of((Struct) key, (Struct) value);
    }

    @Override
    public long memoryOf(int textBytes) {
        return form.memoryOf(textBytes);
    }

    @Override
    public long memoryOf(@Nullable Object key, @Nullable Object value, int textBytes) {
        return memoryOf(textBytes);
    }

    @Override
    public boolean needsEnumValues() {
        return true;
    }

    private Envelope envelope() {
        return form.schema().getEnvelopeSchema();
    }
}
