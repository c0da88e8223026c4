package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig.BinaryHandlingMode;
import io.debezium.data.Envelope;
import io.debezium.data.Envelope.FieldName;
import io.debezium.data.Envelope.Operation;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import io.pgseam.record.RecordSize;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.json.JsonBuffer;
import io.pgseam.record.json.JsonBuffer.Escapes;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The bytes that JsonConverter without schemas makes of the structs, written without them. */
final class JsonEnvelopes implements Envelopes<JsonRow> {

    private static final long NANOS_OF_SECOND = 1_000_000_000;
    private static final long NANOS_OF_MICRO = 1_000;
    private static final long NANOS_OF_MILLI = 1_000_000;

    /** About what a source block, the times and the names of the envelope take. */
    private static final int ENVELOPE_BYTES = 640;

    private static final byte[] TRANSACTION_ID = "{\"id\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TOTAL_ORDER = "\",\"total_order\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COLLECTION_ORDER = ",\"data_collection_order\":".getBytes(StandardCharsets.US_ASCII);

    /** The fields of an envelope. */
    private enum Part {
        BEFORE,
        AFTER,
        SOURCE,
        OPERATION,
        TIME_MS,
        TIME_US,
        TIME_NS,
        TRANSACTION,
        /** What no record of ours has. */
        OTHER;

        private static Part of(String field) {
            return switch (field) {
                case FieldName.BEFORE -> BEFORE;
                case FieldName.AFTER -> AFTER;
                case FieldName.SOURCE -> SOURCE;
                case FieldName.OPERATION -> OPERATION;
                case FieldName.TIMESTAMP -> TIME_MS;
                case FieldName.TIMESTAMP_US -> TIME_US;
                case FieldName.TIMESTAMP_NS -> TIME_NS;
                case FieldName.TRANSACTION -> TRANSACTION;
                default -> OTHER;
            };
        }
    }

    private final TableForm form;
    private final SourceBlock block;
    private final SourceJson source;
    private final JsonTexts texts;
    private final Clock clock;
    private final @Nullable ObjectJson key;
    private final ObjectJson row;
    private final Part[] parts;
    private final byte[][] names;
    private final byte[][] nulls;
    private final JsonBuffer out = new JsonBuffer(Escapes.JACKSON);

    JsonEnvelopes(
            TableForm form,
            BinaryHandlingMode binary,
            SourceBlock block,
            SourceJson source,
            JsonTexts texts,
            Clock clock) {
        this.form = form;
        this.block = block;
        this.source = source;
        this.texts = texts;
        this.clock = clock;
        this.key = form.keySchema() == null ? null : new ObjectJson(form, true, binary, texts);
        this.row = new ObjectJson(form, false, binary, texts);
        List<Field> envelope = envelope().schema().fields();
        this.parts = envelope.stream().map(field -> Part.of(field.name())).toArray(Part[]::new);
        this.names = new byte[parts.length][];
        this.nulls = new byte[parts.length][];
        for (int i = 0; i < parts.length; i++) {
            String name = envelope.get(i).name();
            names[i] = ((i == 0 ? "{\"" : ",\"") + name + "\":").getBytes(StandardCharsets.UTF_8);
            Schema schema = envelope.get(i).schema();
            nulls[i] = schema.isOptional() ? texts.of(schema, null) : new byte[0];
        }
    }

    private Envelope envelope() {
        return form.schema().getEnvelopeSchema();
    }

    @Override
    public JsonRow row(TextRow text, @Nullable TextRow older) {
        form.check(text);
        return new JsonRow(text, older, false);
    }

    @Override
    public JsonRow keyOnly(JsonRow whole) {
        return new JsonRow(whole.row(), whole.older(), true);
    }

    @Override
    public byte @Nullable [] key(JsonRow of) {
        if (key == null) {
            return null;
        }
        out.clear();
        key.append(of, out);
        return taken();
    }

    @Override
    public Schema keySchema() {
        return Schema.OPTIONAL_BYTES_SCHEMA;
    }

    @Override
    public Schema schemaOf(@Nullable Object value) {
        return Schema.OPTIONAL_BYTES_SCHEMA;
    }

    @Override
    public byte[] read(JsonRow after, SnapshotPlace place, Lsn anchor) {
        return value(Operation.READ, null, after, place, anchor, null, null);
    }

    @Override
    public byte[] change(
            Operation operation,
            @Nullable JsonRow before,
            @Nullable JsonRow after,
            ChangeWriter change,
            @Nullable EventOrder order) {
        return value(operation, before, after, SnapshotPlace.WITHIN, Lsn.NONE, change, order);
    }

    /** @param change null for a copied row, of which place and anchor are told */
    private byte[] value(
            Operation operation,
            @Nullable JsonRow before,
            @Nullable JsonRow after,
            SnapshotPlace place,
            Lsn anchor,
            @Nullable ChangeWriter change,
            @Nullable EventOrder order) {
        // A value that could not be written may have left something behind.
        out.clear();
        Instant now = clock.instant();
        long nanos = now.getEpochSecond() * NANOS_OF_SECOND + now.getNano();
        for (int i = 0; i < parts.length; i++) {
            out.append(names[i]);
            switch (parts[i]) {
                case BEFORE -> append(before, nulls[i]);
                case AFTER -> append(after, nulls[i]);
                case SOURCE -> {
                    if (change == null) {
                        source.append(place, anchor, out);
                    } else {
                        source.append(change, out);
                    }
                }
                case OPERATION -> {
                    out.append('"');
                    out.append(operation.code().charAt(0));
                    out.append('"');
                }
                case TIME_MS -> out.appendSigned(nanos / NANOS_OF_MILLI);
                case TIME_US -> out.appendSigned(nanos / NANOS_OF_MICRO);
                case TIME_NS -> out.appendSigned(nanos);
                case TRANSACTION -> append(change, order, nulls[i]);
                case OTHER -> out.append(nulls[i]);
            }
        }
        out.append('}');
        return taken();
    }

    private void append(@Nullable ChangeWriter change, @Nullable EventOrder order, byte[] absent) {
        if (change == null || order == null) {
            out.append(absent);
            return;
        }
        out.append(TRANSACTION_ID);
        out.appendUnsigned(change.transactionId());
        out.append(':');
        out.appendSigned(change.lsn().value());
        out.append(TOTAL_ORDER);
        out.appendSigned(order.total());
        out.append(COLLECTION_ORDER);
        out.appendSigned(order.ofCollection());
        out.append('}');
    }

    private void append(@Nullable JsonRow version, byte[] absent) {
        if (version == null) {
            out.append(absent);
        } else {
            row.append(version, out);
        }
    }

    private byte[] taken() {
        byte[] json = out.toByteArray();
        // Not only when the next row comes, which may take a while: a huge array is released at once (I11).
        out.clear();
        return json;
    }

    @Override
    public byte[] truncate(ChangeWriter change, @Nullable EventOrder order) {
        Struct value =
                TransactionBlock.put(envelope().truncate(block.ofChange(change), clock.instant()), change, order);
        return texts.of(value.schema(), value);
    }

    @Override
    public long size(Object keyBytes, Object value) {
        return RecordSize.of(((byte[]) keyBytes).length, ((byte[]) value).length);
    }

    @Override
    public long memoryOf(int textBytes) {
        return ENVELOPE_BYTES + row.overhead() + (key == null ? 0 : key.overhead()) + (long) textBytes;
    }

    @Override
    public long memoryOf(@Nullable Object keyBytes, @Nullable Object value, int textBytes) {
        return (long) length(keyBytes) + length(value);
    }

    private static int length(@Nullable Object json) {
        return json == null ? 0 : ((byte[]) json).length;
    }

    /** No schema is sent. */
    @Override
    public boolean needsEnumValues() {
        return false;
    }
}
