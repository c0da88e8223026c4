package io.pgseam.record.debezium;

import io.debezium.connector.SnapshotRecord;
import io.debezium.connector.postgresql.SourceInfo;
import io.pgseam.pg.Lsn;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The {@code source} block of one table's records as JSON. What is the same in all of them is made once. */
final class SourceJson {

    private static final long MICROS_OF_MILLI = 1_000;
    private static final long NANOS_OF_MICRO = 1_000;
    private static final byte[] QUOTE = {'\\', '"'};

    /** What changes from one change to the next. */
    private enum Part {
        TS_MS,
        TS_US,
        TS_NS,
        SEQUENCE,
        TXID,
        LSN
    }

    private final SourceBlock block;
    private final Instant begun;
    private final JsonTexts texts;
    private final List<Part> parts = new ArrayList<>();

    /** What stands before each part, and at the end. */
    private final List<byte[]> constants = new ArrayList<>();

    private @Nullable Lsn anchor;
    private byte[] ofCopiedRows = new byte[0];

    /** @param begun when the table was begun to be read */
    SourceJson(SourceBlock block, Instant begun, JsonTexts texts) {
        this.block = block;
        this.begun = begun;
        this.texts = texts;
        Struct sample = block.ofSnapshotRow(SnapshotPlace.WITHIN, new Lsn(1), begun);
        JsonBuffer constant = new JsonBuffer();
        char before = '{';
        for (Field field : sample.schema().fields()) {
            constant.append(before);
            constant.append(("\"" + field.name() + "\":").getBytes(StandardCharsets.UTF_8));
            Part part = part(field.name());
            if (part != null) {
                parts.add(part);
                constants.add(constant.toByteArray());
                constant.clear();
            } else if (field.name().equals(SourceInfo.SNAPSHOT_KEY)) {
                constant.append(
                        texts.of(field.schema(), SnapshotRecord.FALSE.toString().toLowerCase(Locale.ROOT)));
            } else {
                constant.append(texts.of(field.schema(), sample.get(field)));
            }
            before = ',';
        }
        constant.append('}');
        constants.add(constant.toByteArray());
    }

    private static @Nullable Part part(String field) {
        return switch (field) {
            case SourceInfo.TIMESTAMP_KEY -> Part.TS_MS;
            case SourceInfo.TIMESTAMP_US_KEY -> Part.TS_US;
            case SourceInfo.TIMESTAMP_NS_KEY -> Part.TS_NS;
            case SourceInfo.SEQUENCE_KEY -> Part.SEQUENCE;
            case SourceInfo.TXID_KEY -> Part.TXID;
            case SourceInfo.LSN_KEY -> Part.LSN;
            default -> null;
        };
    }

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

    void append(ChangeWriter change, JsonBuffer out) {
        for (int i = 0; i < parts.size(); i++) {
            out.append(constants.get(i));
            append(parts.get(i), change, out);
        }
        out.append(constants.get(parts.size()));
    }

    private static void append(Part part, ChangeWriter change, JsonBuffer out) {
        switch (part) {
            case TS_MS -> out.appendSigned(Math.floorDiv(change.commitTimeMicros(), MICROS_OF_MILLI));
            case TS_US -> out.appendSigned(change.commitTimeMicros());
            case TS_NS -> out.appendSigned(change.commitTimeMicros() * NANOS_OF_MICRO);
            case SEQUENCE -> {
                out.append('"');
                out.append('[');
                appendText(change.previousCommitEnd(), out);
                out.append(',');
                appendText(change.lsn(), out);
                out.append(']');
                out.append('"');
            }
            case TXID -> out.appendSigned(change.transactionId());
            case LSN -> appendNumber(change.lsn(), out);
        }
    }

    /** As a string within a string. */
    private static void appendText(Lsn lsn, JsonBuffer out) {
        if (lsn.equals(Lsn.NONE)) {
            out.appendNull();
        } else {
            out.append(QUOTE);
            out.appendSigned(lsn.value());
            out.append(QUOTE);
        }
    }

    private static void appendNumber(Lsn lsn, JsonBuffer out) {
        if (lsn.equals(Lsn.NONE)) {
            out.appendNull();
        } else {
            out.appendSigned(lsn.value());
        }
    }
}
