package io.pgseam.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CompositeTypes.CompositeType;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.CompositeHistory.Form;
import io.pgseam.phase.SetAsideTable;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.TableShape;
import io.pgseam.record.JsonForm;
import io.pgseam.record.mask.ColumnMasks;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records of the control topic. Each has a {@code type}; the key names what it is about, so that the topic may be
 * compacted. The schema of every type is in {@code docs/control-topic.md}. Those about the copy are made by {@link CopyRecords}.
 */
public final class ControlRecords {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final String server;
    private final String topic;
    private final JsonForm form;
    private final Clock clock;
    private final MaskedShapes masks;

    /** Of a connector that masks nothing. */
    public ControlRecords(String server, String topic, JsonForm form, Clock clock) {
        this(server, topic, form, clock, ColumnMasks.NONE);
    }

    /**
     * @param server {@code topic.prefix}
     * @param topic name of the control topic
     * @param form how the records go through the converters
     * @param clock for {@code ts_ms}
     * @param masks which columns are masked: no record tells values of them
     */
    public ControlRecords(String server, String topic, JsonForm form, Clock clock, ColumnMasks masks) {
        this.masks = new MaskedShapes(masks);
        this.server = server;
        this.topic = topic;
        this.form = form;
        this.clock = clock;
    }

    /** Name of the control topic. */
    public String topic() {
        return topic;
    }

    /** {@code signal}: what became of a signal. A later answer to the same one has the same key. */
    public SourceRecord signal(SignalAnswer answer, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode key =
                key("signal").put("id", answer.id()).put("lsn", answer.at().toString());
        return record(partition, offset, key, answer.putInto(value("signal")));
    }

    /**
     * {@code heartbeat}: the stream is alive.
     *
     * @param lsn everything committed before it is in Kafka
     * @param goingOn the same for the topics that continue while rows are copied to the others; null where all are at one place
     */
    public SourceRecord heartbeat(Lsn lsn, @Nullable Lsn goingOn, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode value = value("heartbeat").put("lsn", lsn.toString());
        if (goingOn != null) {
            value.put("going_on_lsn", goingOn.toString());
        }
        return record(partition, offset, key("heartbeat"), value);
    }

    /**
     * {@code continued}: the stream continues at a slot that was created again.
     *
     * @param from everything committed before it is in the topics
     * @param to nothing that was committed from there on is missing
     */
    public SourceRecord continued(String slot, Lsn from, Lsn to, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode value = value("continued")
                .put("slot", slot)
                .put("from_lsn", from.toString())
                .put("to_lsn", to.toString());
        return record(partition, offset, key("continued").put("to_lsn", to.toString()), value);
    }

    /**
     * {@code truncate}: a captured table was truncated; its topic still holds the rows.
     *
     * @param sequence no {@code __seq} of the transaction before the TRUNCATE is higher
     */
    public SourceRecord truncate(
            TableId table, String tableTopic, Lsn lsn, long sequence, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode value = value("truncate", table, tableTopic, lsn).put("after_seq", sequence);
        return record(partition, offset, named(key("truncate"), table), value);
    }

    /**
     * {@code schema}: what the table's records look like from a place of the stream on, and what has changed. Its source offset
     * is the table's shapes.
     *
     * @param tableTopic its topic from here on
     * @param recordKey names of the columns that its records are keyed by
     * @throws ConnectException if a column was masked and, by its new name or that of its table, is not any more
     */
    public SourceRecord schema(
            TableShape shape,
            String tableTopic,
            Collection<String> recordKey,
            Lsn lsn,
            long sequence,
            Collection<ShapeChange> changes,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        masks.ensureStillMasked(shape, changes);
        ObjectNode value = value("schema", shape.id(), tableTopic, lsn)
                .put("after_seq", sequence)
                .put("replica_identity", SchemaJson.name(shape.identity()));
        recordKey.forEach(value.putArray("key")::add);
        SchemaJson.putColumns(value.putArray("columns"), shape);
        SchemaJson.putChanges(value.putArray("changes"), changes, column -> masks.isMasked(shape.id(), column));
        return record(partition, offset, named(key("schema"), shape.id()), value);
    }

    /**
     * {@code schema_offsets}: where the records stand that a {@code schema} record spoke of.
     *
     * @param from by partition of the topic, the first offset from which every record is of that schema
     * @param exact whether no record before those offsets is
     */
    public SourceRecord schemaOffsets(
            TableId table,
            String tableTopic,
            Lsn lsn,
            long sequence,
            Map<Integer, Long> from,
            boolean exact,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode value = value("schema_offsets", table, tableTopic, lsn)
                .put("after_seq", sequence)
                .put("offsets_exact", exact);
        ObjectNode offsets = value.putObject("offsets");
        from.forEach((number, first) -> offsets.put(String.valueOf(number), first));
        return record(partition, offset, named(key("schema_offsets"), table), value);
    }

    /**
     * {@code dropped}: a captured table is gone; its topic still holds the rows.
     *
     * @param tableOid its OID, by which it is told from another table of the same name
     * @param tableTopic its topic at last
     * @param lsn every change of it has a lower commit LSN
     * @param replaced whether there is another table of that name
     * @param ends by partition of the topic, the offset from which no record is of that table
     */
    public SourceRecord dropped(
            TableId table,
            long tableOid,
            String tableTopic,
            Lsn lsn,
            boolean replaced,
            Map<Integer, Long> ends,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode value = named(value("dropped"), table)
                .put("oid", tableOid)
                .put("topic", tableTopic)
                .put("lsn", lsn.toString())
                .put("replaced", replaced);
        ObjectNode offsets = value.putObject("offsets");
        ends.forEach((number, end) -> offsets.put(String.valueOf(number), end));
        return record(partition, offset, named(key("dropped"), table).put("oid", tableOid), value);
    }

    /**
     * {@code republished}: changes of a table may be missing, because the publication was changed. The table is copied again, if
     * anything is copied.
     * Rows that were deleted in between may stay in its topic.
     *
     * @param tableOid its OID
     * @param tableTopic its topic
     * @param since the anchor since which changes may be missing
     * @param copiedAt the anchor at which the table is copied again, or from which it is streamed
     * @param copied whether it is copied; not with {@code snapshot.mode=no_data}
     */
    public SourceRecord republished(
            TableId table,
            long tableOid,
            String tableTopic,
            Anchor since,
            Anchor copiedAt,
            boolean copied,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode value = named(value("republished"), table)
                .put("oid", tableOid)
                .put("topic", tableTopic)
                .put("since_lsn", since.lsn().toString())
                .put("generation", copiedAt.generation())
                .put("lsn", copiedAt.lsn().toString())
                .put("copied", copied);
        return record(partition, offset, named(key("republished"), table).put("oid", tableOid), value);
    }

    /** {@code missed}: from this commit LSN on, changes of a table are not sent, because no record can be made of one. */
    public SourceRecord missed(
            TableId table,
            long tableOid,
            String tableTopic,
            Lsn lsn,
            String reason,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode value =
                value("missed", table, tableTopic, lsn).put("oid", tableOid).put("reason", reason);
        return record(partition, offset, named(key("missed"), table).put("oid", tableOid), value);
    }

    /**
     * {@code renamed}: a captured table has another name, and so another topic or none. Its rows stay in the topic of its former name.
     *
     * @param table its former name
     * @param tableOid its OID
     * @param tableTopic the topic of its former name
     * @param name its name now
     * @param topic its topic now; null if it is not captured under that name
     * @param successor OID of the captured table that has the former name now; null if there is none
     * @param from the first anchor with the new names
     */
    public SourceRecord renamed(
            TableId table,
            long tableOid,
            String tableTopic,
            TableId name,
            @Nullable String topic,
            @Nullable Long successor,
            Anchor from,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode value = named(value("renamed"), table)
                .put("oid", tableOid)
                .put("topic", tableTopic)
                .put("renamed_to_schema", name.schema())
                .put("renamed_to_table", name.name())
                .put("renamed_to_topic", topic)
                .put("replaced_by_oid", successor)
                .put("generation", from.generation())
                .put("lsn", from.lsn().toString());
        return record(partition, offset, named(key("renamed"), table).put("oid", tableOid), value);
    }

    /**
     * {@code composite_type}: what values of a composite type consist of, and how that has changed.
     *
     * @param type the type
     * @param now its attributes
     * @param before those that were told before; null where none were
     * @param typeNames the types of its attributes, by OID
     */
    public SourceRecord compositeType(
            CompositeType type,
            Form now,
            @Nullable Form before,
            Map<Long, String> typeNames,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode key = key("composite_type").put("schema", type.schema()).put("name", type.name());
        ObjectNode value = value("composite_type")
                .put("schema", type.schema())
                .put("name", type.name())
                .put("lsn", now.since().toString());
        SchemaJson.putAttributes(value.putArray("attributes"), now, typeNames);
        SchemaJson.putChanges(value.putArray("changes"), now, before);
        return record(partition, offset, key, value);
    }

    /**
     * {@code partitions}: which partitions a captured partitioned table has, and how that has changed.
     *
     * @param count how many it has now
     * @param made those that were made inside of it
     * @param attached those that were attached: rows that they had before are not in the topics
     * @param detached those that were detached or dropped: their rows are still in the topics
     */
    public SourceRecord partitions(
            TableId table,
            int count,
            Collection<String> made,
            Collection<String> attached,
            Collection<String> detached,
            Map<String, ?> sourcePartition,
            Map<String, ?> sourceOffset) {
        ObjectNode value = named(value("partitions"), table).put("count", count);
        made.forEach(value.putArray("made")::add);
        attached.forEach(value.putArray("attached")::add);
        detached.forEach(value.putArray("detached")::add);
        return record(sourcePartition, sourceOffset, named(key("partitions"), table), value);
    }

    /**
     * {@code set_aside}: a selected table is not captured, or is not set aside any longer.
     *
     * @param why why it is not captured; null if it is captured, not selected, or gone
     */
    public SourceRecord setAside(
            TableId table, @Nullable SetAsideTable why, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode value = named(value("set_aside"), table)
                .put("reason", why == null ? null : why.reason())
                .put("detail", why == null ? null : why.detail())
                .put("remedy", why == null ? null : why.remedy());
        return record(partition, offset, named(key("set_aside"), table), value);
    }

    /**
     * {@code oversize}: a record of a table is left out, because it is larger than the producer takes. Its key is told unless
     * it is so large itself that it would endanger this record.
     *
     * @param table null of a message of {@code pg_logical_emit_message}
     * @param sequence the record's number within its transaction; 0 for a copied row
     * @param rowKey the record's key, JSON; null where it has none
     * @param bytes the record's size
     * @param limit the size that is taken
     */
    public SourceRecord oversize(
            @Nullable TableId table,
            String tableTopic,
            Lsn lsn,
            long sequence,
            byte @Nullable [] rowKey,
            long bytes,
            long limit,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        JsonNode told = ToldKey.of(rowKey);
        ObjectNode key = namedOrNot(key("oversize"), table);
        key.set("key", told);
        ObjectNode value = namedOrNot(value("oversize"), table)
                .put("topic", tableTopic)
                .put("lsn", lsn.toString())
                .put("seq", sequence)
                .put("bytes", bytes)
                .put("limit", limit);
        value.set("key", told);
        return record(partition, offset, key, value);
    }

    /**
     * {@code end}: nothing follows; the connector's work is over.
     *
     * @param generation the number of the anchor at which the copy was completed
     * @param lsn everything committed before it is in the topics, and nothing that was committed at it or later
     */
    public SourceRecord end(int generation, Lsn lsn, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode value = value("end").put("generation", generation).put("lsn", lsn.toString());
        return record(partition, offset, key("end"), value);
    }

    ObjectNode key(String type) {
        return JSON.createObjectNode().put("type", type).put("server", server);
    }

    ObjectNode value(String type) {
        return key(type).put("ts_ms", clock.millis());
    }

    private ObjectNode value(String type, TableId table, String tableTopic, Lsn lsn) {
        return named(value(type), table).put("topic", tableTopic).put("lsn", lsn.toString());
    }

    static ObjectNode named(ObjectNode node, TableId table) {
        return node.put("schema", table.schema()).put("table", table.name());
    }

    private static ObjectNode namedOrNot(ObjectNode node, @Nullable TableId table) {
        return table == null ? node.putNull("schema").putNull("table") : named(node, table);
    }

    /** @param offset null to delete what is committed of the partition */
    SourceRecord record(Map<String, ?> partition, @Nullable Map<String, ?> offset, ObjectNode key, ObjectNode value) {
        try {
            return form.record(partition, offset, topic, JSON.writeValueAsBytes(key), JSON.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree that cannot be written", e);
        }
    }
}
