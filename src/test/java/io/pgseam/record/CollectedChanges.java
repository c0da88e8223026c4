package io.pgseam.record;

import io.pgseam.pg.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** Collects records as {@code key value}. */
public final class CollectedChanges extends AcceptingWriter {
    private final List<String> records = new ArrayList<>();

    @Override
    public Lsn commitLsn() {
        return Lsn.NONE;
    }

    @Override
    public long commitTimeMs() {
        return 0;
    }

    @Override
    public long commitTimeMicros() {
        return 0;
    }

    @Override
    public Lsn lsn() {
        return Lsn.NONE;
    }

    @Override
    public Lsn previousCommitEnd() {
        return Lsn.NONE;
    }

    @Override
    public long transactionId() {
        return 1;
    }

    @Override
    public void write(SourceRecord record, int bytes) {
        records.add(text(record));
    }

    /** What was written, and may be cleared. */
    public List<String> records() {
        return records;
    }

    /** Key and value of a record in the flat format. */
    public static String text(SourceRecord record) {
        return bytes(record.key()) + " " + bytes(record.value());
    }

    private static String bytes(Object json) {
        return json == null ? "" : new String((byte[]) json, StandardCharsets.UTF_8);
    }
}
