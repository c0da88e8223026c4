package io.pgseam.task;

import io.pgseam.control.ControlRecords;
import io.pgseam.metrics.Counter;
import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.record.KeyJson;
import io.pgseam.record.RecordSize;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How large a record may be, and what becomes of a larger one: the producer would refuse it, and with it the task, again and
 * again. One thread at a time.
 *
 * <p>A record that is left out has a stand-in on the control topic with the same source offset, so that offsets, sequence
 * numbers and acknowledgements are what they would be with it.
 */
public final class MessageLimit {

    private static final Logger LOG = LoggerFactory.getLogger(MessageLimit.class);
    private static final long LOG_INTERVAL_MS = 60_000;

    private final long maxBytes;
    private final OversizePolicy policy;
    private final ControlRecords control;
    private final Clock clock;
    private final Map<String, Skipped> skipped = new HashMap<>();
    private final Counter skippedRecords = new Counter();

    private static final class Skipped {
        private long records;
        private long lastLogMs = Long.MIN_VALUE;
    }

    /**
     * @param maxBytes how large a record may be, in bytes, as {@link RecordSize} counts
     * @param clock for warnings, of which a table has one a minute
     */
    public MessageLimit(long maxBytes, OversizePolicy policy, ControlRecords control, Clock clock) {
        this.maxBytes = maxBytes;
        this.policy = policy;
        this.control = control;
        this.clock = clock;
    }

    /** How many records were left out. Any thread. */
    public long skipped() {
        return skippedRecords.get();
    }

    /** Whether the producer takes a record of this size in bytes. */
    public boolean takes(long bytes) {
        return bytes <= maxBytes;
    }

    /**
     * The record itself where the producer takes it, else its stand-in.
     *
     * @param columns the columns of its table, whose key is named in messages
     * @param lsn commit LSN of the change, or the anchor's
     * @param sequence its number within the transaction; 0 for a copied row
     * @throws ConnectException where it is too large and the policy is to fail
     */
    public SourceRecord admit(SourceRecord record, TableId table, List<Column> columns, Lsn lsn, long sequence) {
        return takes(RecordSize.of(record))
                ? record
                : standIn(record, table, "table " + table + " (" + key(columns) + ")", lsn, sequence);
    }

    /**
     * The record of a message of {@code pg_logical_emit_message} where the producer takes it, else its stand-in.
     *
     * @param prefix its prefix
     * @param lsn commit LSN of its transaction, or its own
     * @param sequence see {@link io.pgseam.record.MessagePlace}
     * @throws ConnectException if it is too large and the policy is to fail
     */
    public SourceRecord admit(SourceRecord record, String prefix, Lsn lsn, long sequence) {
        return takes(RecordSize.of(record))
                ? record
                : standIn(record, null, "a message with prefix \"" + prefix + "\"", lsn, sequence);
    }

    /** @param table null of a message */
    private SourceRecord standIn(SourceRecord record, @Nullable TableId table, String what, Lsn lsn, long sequence) {
        long bytes = RecordSize.of(record);
        if (policy == OversizePolicy.FAIL) {
            throw tooLarge(what, lsn, (record.value() instanceof byte[] ? "" : "at least ") + bytes);
        }
        count(table == null ? "Messages of pg_logical_emit_message" : "Table " + table, lsn, bytes);
        return control.oversize(
                table,
                record.topic(),
                lsn,
                sequence,
                KeyJson.of(record),
                bytes,
                maxBytes,
                record.sourcePartition(),
                record.sourceOffset());
    }

    /** Whether a record is a stand-in, or another one of the control topic: no row of its table. */
    public boolean isStandIn(SourceRecord record) {
        return control.topic().equals(record.topic());
    }

    private ConnectException tooLarge(String what, Lsn lsn, String bytes) {
        return new ConnectException("A record of " + what + " at " + lsn + " has " + bytes
                + " bytes, and the producer takes " + maxBytes
                + ". Raise producer.override.max.request.size (and producer.override.buffer.memory, and the topic's"
                + " max.message.bytes) above that, or set message.max.bytes where the workers' own producer settings are"
                + " higher already; or leave a large column out with column.exclude.list; or set message.oversize=skip to"
                + " leave such records out");
    }

    private static String key(List<Column> columns) {
        List<String> names = columns.stream()
                .filter(Column::isKey)
                .sorted(Comparator.comparingInt(Column::keyPosition))
                .map(Column::name)
                .toList();
        return names.isEmpty() ? "without a key" : "key " + String.join(", ", names);
    }

    private void count(String whose, Lsn lsn, long bytes) {
        Skipped count = skipped.computeIfAbsent(whose, unused -> new Skipped());
        count.records++;
        skippedRecords.add();
        long now = clock.millis();
        if (count.lastLogMs == Long.MIN_VALUE || now - count.lastLogMs >= LOG_INTERVAL_MS) {
            count.lastLogMs = now;
            LOG.warn(
                    "{}: {} records so far are left out because they are too large, the last one, of {} bytes, at {};"
                            + " at most {} are taken (message.max.bytes, message.oversize=skip). Their keys are on the control"
                            + " topic",
                    whose,
                    count.records,
                    bytes,
                    lsn,
                    maxBytes);
        }
    }
}
