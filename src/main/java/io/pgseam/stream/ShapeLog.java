package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeChange.KeyChanged;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import io.pgseam.stream.CapturedRelations.Taken;
import io.pgseam.stream.ShapeOffsets.Located;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of tables that have changed: one line in the log, a {@code schema} record before the first record of the new shape, and
 * a {@code schema_offsets} record when it is known where that one stands.
 *
 * <p>Used by the thread that reads the slot, so that the shapes of a table are committed in the order in which they came.
 */
final class ShapeLog {

    private static final Logger LOG = LoggerFactory.getLogger(ShapeLog.class);

    private final CapturedRelations relations;
    private final ShapeOffsets offsets;
    private final ControlRecords control;
    private final Function<TableId, String> topics;
    private final LongFunction<Map<String, Object>> partitions;
    private final BiConsumer<Long, TableId> met;
    private final MissedTables missed;
    private final StreamMetrics metrics;
    private final Set<Long> lookedAt;
    private Lsn durable;

    /** The answer to the last question for a topic: most changes are of the table of the change before. */
    private @Nullable String lastTopic;

    private long lastTopicOid;
    private int described;

    /**
     * @param topics the topic of a table
     * @param partitions the source partition of a table's shapes, by its OID
     * @param met takes OID and name of each captured table that the stream comes to
     * @param missed the tables whose changes are passed over
     * @param durable the committed position of the stream: nothing before it is read again
     */
    ShapeLog(
            CapturedRelations relations,
            ShapeOffsets offsets,
            ControlRecords control,
            Function<TableId, String> topics,
            LongFunction<Map<String, Object>> partitions,
            BiConsumer<Long, TableId> met,
            MissedTables missed,
            StreamPosition durable,
            StreamMetrics metrics) {
        this(
                relations,
                offsets,
                control,
                topics,
                partitions,
                met,
                missed,
                durable.readFrom(),
                metrics,
                new HashSet<>());
    }

    private ShapeLog(
            CapturedRelations relations,
            ShapeOffsets offsets,
            ControlRecords control,
            Function<TableId, String> topics,
            LongFunction<Map<String, Object>> partitions,
            BiConsumer<Long, TableId> met,
            MissedTables missed,
            Lsn durable,
            StreamMetrics metrics,
            Set<Long> lookedAt) {
        this.metrics = metrics;
        this.relations = relations;
        this.offsets = offsets;
        this.control = control;
        this.topics = topics;
        this.partitions = partitions;
        this.met = met;
        this.missed = missed;
        this.durable = durable;
        this.lookedAt = lookedAt;
    }

    /** A log for a second reading of the slot, which tells nothing again that this one has told. {@link #durable} is for this one. */
    ShapeLog forSecondReading(CapturedRelations others) {
        return new ShapeLog(others, offsets, control, topics, partitions, met, missed, durable, metrics, lookedAt);
    }

    /** The topic of a table's changes, by its OID; null where the stream has not described it. */
    @Nullable
    String topicOf(long oid) {
        if (lastTopic == null || lastTopicOid != oid || described != relations.descriptions()) {
            TableId table = relations.described(oid);
            lastTopic = table == null ? null : topics.apply(table);
            lastTopicOid = oid;
            described = relations.descriptions();
        }
        return lastTopic;
    }

    /**
     * Takes in the last description of a table, and tells what has changed.
     *
     * @param change the change from which on it holds
     * @param sequenceBefore a number that no {@code __seq} of its transaction exceeds before that change
     * @param group the group of the table's topic
     * @param xid the transaction at hand
     * @throws SQLException where the catalogue cannot be read, or the sink does; nothing is changed then
     */
    void take(long oid, ChangeId change, long sequenceBefore, TopicGroup group, long xid, RecordSink sink)
            throws SQLException {
        if (missed.has(oid)) {
            relations.passOver(oid);
            return;
        }
        Taken taken;
        try {
            taken = relations.take(oid, change, xid);
        } catch (ConnectException e) {
            miss(oid, change, e, sink);
            return;
        }
        if (taken == null) {
            return;
        }
        Lsn commitLsn = change.commitLsn();
        ShapeHistory history = relations.history(oid);
        announceEarlier(oid, history, group);
        if (!taken.changes().isEmpty()) {
            Version version = new Version(change, sequenceBefore, false, taken.shape());
            history = history.with(version, durable);
            String topic = topics.apply(taken.shape().id());
            SourceRecord record = control.schema(
                    taken.shape(),
                    topic,
                    taken.recordKey(),
                    commitLsn,
                    sequenceBefore,
                    taken.changes(),
                    partitions.apply(oid),
                    history.toSourceOffset());
            sink.accept(record, size(record));
            metrics.schemaChange();
            offsets.begins(oid, topic, version, group);
            log(taken, commitLsn, topic);
        }
        relations.adopt(taken, history);
        met.accept(oid, taken.shape().id());
    }

    /**
     * From here on, changes of a table are passed over.
     *
     * @param change the first of them
     * @param reason why no record can be made of it
     * @throws ConnectException that one, if the stream has not described the table
     * @throws SQLException if the sink does
     */
    void miss(long oid, ChangeId change, ConnectException reason, RecordSink sink) throws SQLException {
        TableId table = relations.described(oid);
        if (table == null) {
            throw reason;
        }
        SourceRecord record =
                missed.miss(oid, table, topics.apply(table), change.commitLsn(), String.valueOf(reason.getMessage()));
        sink.accept(record, size(record));
        relations.passOver(oid);
    }

    /** The offsets of a shape of which an earlier task did not come to tell. */
    private void announceEarlier(long oid, ShapeHistory history, TopicGroup group) {
        Version last = history.last();
        if (lookedAt.add(oid) && last != null && !last.located()) {
            offsets.beganEarlier(oid, topics.apply(last.shape().id()), last, group);
        }
    }

    private static void log(Taken taken, Lsn commitLsn, String topic) {
        TableId table = taken.shape().id();
        String what = taken.changes().stream().map(ShapeChange::toString).collect(Collectors.joining("; "));
        LOG.info("Table {} at {}, topic {}: {}", table, commitLsn, topic, what);
        for (ShapeChange change : taken.changes()) {
            if (change instanceof KeyChanged) {
                LOG.warn(
                        "The key of table {} has changed at {}: the records of topic {} before that keep the old key, and nothing"
                                + " will delete or replace them. Empty the target, and have the table copied again",
                        table,
                        commitLsn,
                        topic);
            }
        }
    }

    /**
     * Takes in the committed position of the stream, and tells the offsets that are known by now.
     *
     * @return whether there were any
     * @throws SQLException where the sink does
     */
    boolean durable(StreamPosition position, RecordSink sink) throws SQLException {
        durable = position.readFrom();
        List<Located> located = offsets.located(position);
        for (Located change : located) {
            Version version = change.version();
            ShapeHistory history = relations.history(change.oid()).locatedUpTo(version.first());
            SourceRecord record = control.schemaOffsets(
                    version.shape().id(),
                    change.topic(),
                    version.first().commitLsn(),
                    version.afterSequence(),
                    change.from(),
                    change.exact(),
                    partitions.apply(change.oid()),
                    history.toSourceOffset());
            sink.accept(record, size(record));
            relations.keep(change.oid(), history);
            offsets.told(change);
        }
        return !located.isEmpty();
    }

    private static int size(SourceRecord record) {
        return length(record.key()) + length(record.value());
    }

    private static int length(@Nullable Object json) {
        return json instanceof byte[] bytes ? bytes.length : json instanceof String text ? text.length() : 0;
    }
}
