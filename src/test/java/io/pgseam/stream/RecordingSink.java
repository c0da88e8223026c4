package io.pgseam.stream;

import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.StreamPosition;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;

/** Keeps what it is given, as text; and can be told to refuse. */
final class RecordingSink implements RecordSink, LookupReader.Progress {

    private final List<String> taken = new ArrayList<>();
    private final List<StreamPosition> offsets = new ArrayList<>();
    private final List<SourceRecord> records = new ArrayList<>();
    private final Map<Long, ShapeHistory> shapes;
    private final Set<Integer> ends = new HashSet<>();
    private int changes;
    private int transactions;
    private int acceptsBeforeRefusal = Integer.MAX_VALUE;
    private int refusals;

    RecordingSink() {
        this(new HashMap<>());
    }

    /** @param shapes where the shapes of tables go, by OID: what a ledger would have once they are committed */
    RecordingSink(Map<Long, ShapeHistory> shapes) {
        this.shapes = shapes;
    }

    /** Takes so many changes, then refuses one, and takes all after that. */
    void refuseAfter(int changes) {
        acceptsBeforeRefusal = changes;
    }

    @Override
    public void accept(List<SourceRecord> change, long bytes) throws SQLException {
        if (acceptsBeforeRefusal-- == 0) {
            refusals++;
            throw new SQLException("the session ended", "08006");
        }
        changes++;
        change.forEach(this::take);
        ends.add(records.size());
    }

    private void take(SourceRecord record) {
        taken.add(record.topic() + " " + text(record.key()) + " " + text(record.value()));
        if (record.sourcePartition().containsKey("missed_table")) {
            return;
        }
        if (record.sourcePartition().containsKey("table_oid")) {
            shapes.put(
                    (Long) record.sourcePartition().get("table_oid"),
                    ShapeHistory.fromSourceOffset(record.sourceOffset()));
            return;
        }
        StreamPosition offset = StreamPosition.fromSourceOffset(record.sourceOffset());
        if (offset == null) {
            throw new AssertionError("a record without an offset: " + record);
        }
        offsets.add(offset);
        records.add(record);
    }

    @Override
    public void goesOn() {
        // Nobody waits for a sign of life.
    }

    private static String text(Object bytes) {
        return bytes == null ? "null" : new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void endTransaction() {
        transactions++;
    }

    /** {@code topic key value} of each record. */
    List<String> taken() {
        return taken;
    }

    /** The records whose offsets are those of the stream. */
    List<SourceRecord> records() {
        return records;
    }

    /** The offsets of those records. */
    List<StreamPosition> offsets() {
        return offsets;
    }

    /**
     * The first record that is sent again after a restart at the offset of a given one: the record after the first with that offset, as
     * those behind it belong to a change that they do not end.
     *
     * @param start the position at which the records began
     */
    int firstAfter(int record, StreamPosition start) {
        StreamPosition offset = offsets.get(record);
        return offset.equals(start) ? 0 : offsets.indexOf(offset) + 1;
    }

    /** Whether so many records are those of whole changes: a batch ends nowhere else. */
    boolean isWhole(int records) {
        return records == 0 || ends.contains(records);
    }

    /** Forgets what it was given. */
    void clear() {
        taken.clear();
        offsets.clear();
        records.clear();
        ends.clear();
    }

    /** How many changes there were, and records of none. */
    int changes() {
        return changes;
    }

    int transactions() {
        return transactions;
    }

    int refusals() {
        return refusals;
    }
}
