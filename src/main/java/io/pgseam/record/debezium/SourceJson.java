package io.pgseam.record.debezium;

import io.debezium.connector.SnapshotRecord;
import io.debezium.connector.postgresql.SourceInfo;
import io.pgseam.pg.Lsn;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TransactionOrigin;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The {@code source} block of one table's records as JSON. What is the same in all of them is made once; what is the same in the changes of
 * a transaction is made with its first change.
 */
final class SourceJson {

    private static final long MICROS_OF_MILLI = 1_000;
    private static final long NANOS_OF_MICRO = 1_000;
    private static final byte[] QUOTE = {'\\', '"'};

    /** What changes from one transaction, or from one change, to the next. */
    private enum Part {
        TS_MS,
        TS_US,
        TS_NS,
        SEQUENCE,
        TXID,
        LSN,
        ORIGIN,
        ORIGIN_LSN
    }

    private final SourceBlock block;
    private final Instant begun;
    private final JsonTexts texts;
    private final List<Part> parts = new ArrayList<>();

    /** What stands before each part, and at the end. */
    private final List<byte[]> constants = new ArrayList<>();

    private @Nullable Lsn anchor;
    private byte[] ofCopiedRows = new byte[0];

    private long transactionId = -1;
    private @Nullable TransactionOrigin origin;
    private long commitTimeMicros;
    private Lsn previousCommitEnd = Lsn.NONE;

    /** The block of the present transaction: what stands before the LSN of the change, as part of the sequence and as a number, and after it. */
    private final List<byte[]> pieces = new ArrayList<>();

    private final List<Part> between = new ArrayList<>();
    private final JsonBuffer piece = new JsonBuffer();

    /** @param begun when the table was begun to be read */
    SourceJson(SourceBlock block, Instant begun, JsonTexts texts) {
        this.block = block;
        this.begun = begun;
        this.texts = texts;
        Struct sample = block.ofSnapshotRow(SnapshotPlace.WITHIN, new Lsn(1), begun);
        char before = '{';
        for (Field field : sample.schema().fields()) {
            piece.append(before);
            piece.append(("\"" + field.name() + "\":").getBytes(StandardCharsets.UTF_8));
            Part part = part(field.name());
            if (part != null) {
                parts.add(part);
                constants.add(taken());
            } else if (field.name().equals(SourceInfo.SNAPSHOT_KEY)) {
                piece.append(
                        texts.of(field.schema(), SnapshotRecord.FALSE.toString().toLowerCase(Locale.ROOT)));
            } else {
                piece.append(texts.of(field.schema(), sample.get(field)));
            }
            before = ',';
        }
        piece.append('}');
        constants.add(taken());
    }

    private byte[] taken() {
        byte[] bytes = piece.toByteArray();
        piece.clear();
        return bytes;
    }

    private static @Nullable Part part(String field) {
        return switch (field) {
            case SourceInfo.TIMESTAMP_KEY -> Part.TS_MS;
            case SourceInfo.TIMESTAMP_US_KEY -> Part.TS_US;
            case SourceInfo.TIMESTAMP_NS_KEY -> Part.TS_NS;
            case SourceInfo.SEQUENCE_KEY -> Part.SEQUENCE;
            case SourceInfo.TXID_KEY -> Part.TXID;
            case SourceInfo.LSN_KEY -> Part.LSN;
            case SourceInfo.ORIGIN_KEY -> Part.ORIGIN;
            case SourceInfo.ORIGIN_LSN_KEY -> Part.ORIGIN_LSN;
            default -> null;
        };
    }

    /** Appends the block of a copied row. */
    void append(SnapshotPlace place, Lsn anchorOfRow, JsonBuffer out) {
        if (place != SnapshotPlace.WITHIN) {
            out.append(of(block.ofSnapshotRow(place, anchorOfRow, begun)));
            return;
        }
        if (!anchorOfRow.equals(anchor)) {
            ofCopiedRows = of(block.ofSnapshotRow(place, anchorOfRow, begun));
            anchor = anchorOfRow;
        }
        out.append(ofCopiedRows);
    }

    private byte[] of(Struct source) {
        return texts.of(source.schema(), source);
    }

    /** Appends the block of a change. */
    void append(ChangeWriter change, JsonBuffer out) {
        if (transactionId != change.transactionId()
                || commitTimeMicros != change.commitTimeMicros()
                || !previousCommitEnd.equals(change.previousCommitEnd())) {
            begin(change);
        }
        for (int i = 0; i < between.size(); i++) {
            out.append(pieces.get(i));
            appendLsn(change.lsn(), between.get(i) == Part.SEQUENCE, out);
        }
        out.append(pieces.get(between.size()));
    }

    private void begin(ChangeWriter change) {
        transactionId = change.transactionId();
        origin = change.origin();
        commitTimeMicros = change.commitTimeMicros();
        previousCommitEnd = change.previousCommitEnd();
        pieces.clear();
        between.clear();
        for (int i = 0; i < parts.size(); i++) {
            piece.append(constants.get(i));
            append(parts.get(i));
        }
        piece.append(constants.get(parts.size()));
        pieces.add(taken());
    }

    private void append(Part part) {
        switch (part) {
            case TS_MS -> piece.appendSigned(Math.floorDiv(commitTimeMicros, MICROS_OF_MILLI));
            case TS_US -> piece.appendSigned(commitTimeMicros);
            case TS_NS -> piece.appendSigned(commitTimeMicros * NANOS_OF_MICRO);
            case TXID -> piece.appendSigned(transactionId);
            case ORIGIN -> piece.append(texts.of(Schema.OPTIONAL_STRING_SCHEMA, origin == null ? null : origin.name()));
            case ORIGIN_LSN -> {
                if (origin == null) {
                    piece.appendNull();
                } else {
                    piece.appendSigned(origin.lsn().value());
                }
            }
            case LSN -> {
                pieces.add(taken());
                between.add(part);
            }
            case SEQUENCE -> {
                piece.append('"');
                piece.append('[');
                appendLsn(previousCommitEnd, true, piece);
                piece.append(',');
                pieces.add(taken());
                between.add(part);
                piece.append(']');
                piece.append('"');
            }
        }
    }

    /** @param asText whether it is a string, within the string of the sequence */
    private static void appendLsn(Lsn lsn, boolean asText, JsonBuffer out) {
        if (lsn.equals(Lsn.NONE)) {
            out.appendNull();
        } else if (asText) {
            out.append(QUOTE);
            out.appendSigned(lsn.value());
            out.append(QUOTE);
        } else {
            out.appendSigned(lsn.value());
        }
    }
}
