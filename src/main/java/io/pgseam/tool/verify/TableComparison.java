package io.pgseam.tool.verify;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.verify.Difference.Kind;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The comparison of one table: counts, the first differences, and what else has to be said. */
final class TableComparison {

    /** Says what names the row at a place of a topic. */
    @FunctionalInterface
    interface Keys {
        String at(TopicPartition partition, long offset, RowDigest digest);
    }

    /** Of an entry, beside the flags of {@link ReplayedRows}. */
    private static final int COPIED = 1 << 7;

    private record Change(long name, long secondName, long lsn, long sequence, boolean deleted) {}

    private final String table;
    private final String topic;
    private final boolean keyed;
    private final int named;
    private final List<Difference> differences = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final ReplayedRows rows = new ReplayedRows();

    /** Of a table without a key, the changes of one bucket. */
    private final Set<Change> changes = new HashSet<>();

    private long sourceRows;
    private long messages;
    private long missing;
    private long extra;
    private long different;
    private long older;
    private long moved;
    private long malformed;
    private boolean shortened;

    TableComparison(String table, String topic, boolean keyed, int named) {
        this.table = table;
        this.topic = topic;
        this.keyed = keyed;
        this.named = named;
    }

    void shortened(int partition, long earliest) {
        if (!shortened) {
            reasons.add("partition " + partition + " begins at offset " + Figures.count(earliest)
                    + " in Kafka: retention has removed what was before");
        }
        shortened = true;
    }

    void malformed(int partition, long offset, MalformedRowException e) {
        if (malformed++ == 0) {
            reasons.add("partition " + partition + ", offset " + offset + " is no row of pgseam: " + e.getMessage());
        }
    }

    /** A row of the topic. */
    void replay(TopicRow row, int partition, long offset, RowDigest digest, Buckets to) {
        messages++;
        int flags = (row.deleted() ? ReplayedRows.DELETED : 0)
                | (digest.lacksColumns() ? ReplayedRows.LACKS_COLUMNS : 0)
                | (row.snapshot() ? COPIED : 0);
        to.write(digest.name(), stream -> {
            stream.writeLong(digest.name());
            stream.writeLong(digest.secondName());
            stream.writeLong(digest.values());
            stream.writeInt(partition);
            stream.writeLong(offset);
            stream.writeByte(flags);
            if (!keyed) {
                stream.writeLong(row.lsn().value());
                stream.writeLong(row.sequence());
            }
        });
    }

    /** A row of the source. */
    void read(RowDigest digest, Buckets to) {
        sourceRows++;
        String name = digest.nameText();
        byte[] text = name == null ? new byte[0] : name.getBytes(StandardCharsets.UTF_8);
        to.write(digest.name(), stream -> {
            stream.writeLong(digest.name());
            stream.writeLong(digest.secondName());
            stream.writeLong(digest.values());
            stream.writeInt(text.length);
            stream.write(text);
        });
    }

    void compare(Buckets replayed, Buckets source) {
        for (int bucket = 0; bucket < replayed.count(); bucket++) {
            rows.clear();
            changes.clear();
            replayed.read(bucket, this::apply);
            source.read(bucket, this::compareRow);
            for (int at = 0; at < rows.places(); at++) {
                compareRest(at);
            }
        }
    }

    private void apply(DataInputStream stream) throws IOException {
        long name = stream.readLong();
        long secondName = stream.readLong();
        long value = stream.readLong();
        int partition = stream.readInt();
        long offset = stream.readLong();
        int flags = stream.readUnsignedByte();
        if (keyed) {
            rows.apply(name, secondName, value, partition, offset, flags);
        } else {
            boolean deleted = (flags & ReplayedRows.DELETED) != 0;
            Change change = new Change(name, secondName, stream.readLong(), stream.readLong(), deleted);
            // A change that was sent again is known by its place. A copied row has none, nor a change if messages have
            // no __seq.
            if ((flags & COPIED) != 0 || change.sequence() == 0 || changes.add(change)) {
                rows.count(name, secondName, deleted ? -1 : 1, partition, offset);
            }
        }
    }

    private void compareRow(DataInputStream stream) throws IOException {
        int at = rows.find(stream.readLong(), stream.readLong());
        long value = stream.readLong();
        byte[] text = new byte[stream.readInt()];
        stream.readFully(text);
        String key = text.length == 0 ? null : new String(text, StandardCharsets.UTF_8);
        if (!rows.isThere(at) || (!keyed && rows.value(at) == 0)) {
            missing++;
            boolean wasThere = rows.has(at, ReplayedRows.DELETED);
            note(Kind.MISSING, key, wasThere ? rows.partition(at) : -1, wasThere ? rows.offset(at) : -1);
        } else if (!keyed) {
            rows.takeOne(at);
        } else {
            rows.see(at);
            if (rows.has(at, ReplayedRows.TWO_PARTITIONS)) {
                moved++;
                note(Kind.DIFFERENT, key, rows.partition(at), rows.offset(at));
            } else if (rows.value(at) != value) {
                boolean before = rows.has(at, ReplayedRows.LACKS_COLUMNS);
                older += before ? 1 : 0;
                different += before ? 0 : 1;
                note(Kind.DIFFERENT, key, rows.partition(at), rows.offset(at));
            }
        }
    }

    private void compareRest(int at) {
        if (!rows.isThere(at) || rows.isSeen(at)) {
            return;
        }
        long more = keyed ? 1 : rows.value(at);
        if (more != 0) {
            extra += Math.abs(more);
            note(Kind.EXTRA, null, rows.partition(at), rows.offset(at));
        }
    }

    private void note(Kind kind, @Nullable String key, int partition, long offset) {
        if (differences.size() < named) {
            differences.add(new Difference(kind, key, partition, offset));
        }
    }

    /** @param keys says what names rows that only the topic has */
    TableResult result(Keys keys, RowDigest digest) {
        Verdict verdict = Verdict.EQUAL;
        if (missing > 0 || extra > 0 || different > 0 || moved > 0 || malformed > 0) {
            verdict = shortened ? Verdict.UNKNOWN : Verdict.DIFFERENT;
        }
        if (malformed > 1) {
            reasons.add(Figures.count(malformed, "message") + " that are no rows of pgseam");
        }
        if (moved > 0) {
            reasons.add(Figures.count(moved, "key")
                    + " in more than one partition: nobody can tell which message is the last");
        }
        if (older > 0) {
            verdict = verdict.and(Verdict.UNKNOWN);
            reasons.add(Figures.count(older, "row")
                    + " that differ were sent before a column was added. If the column has a default, that"
                    + " may be all: a target has what its own column has as the default");
        }
        if (!keyed && extra > 0 && missing == 0 && verdict == Verdict.DIFFERENT && malformed == 0) {
            verdict = Verdict.UNKNOWN;
            reasons.add("the table has no key, so that a row that was sent twice cannot be told from two equal rows");
        }
        List<Difference> told = new ArrayList<>();
        for (Difference difference : differences) {
            boolean ask = keyed && difference.key() == null && difference.offset() >= 0;
            told.add(
                    ask
                            ? new Difference(
                                    difference.kind(),
                                    keys.at(
                                            new TopicPartition(topic, difference.partition()),
                                            difference.offset(),
                                            digest),
                                    difference.partition(),
                                    difference.offset())
                            : difference);
        }
        return new TableResult(
                table, topic, verdict, sourceRows, messages, missing, extra, different + moved, older, told, reasons);
    }
}
