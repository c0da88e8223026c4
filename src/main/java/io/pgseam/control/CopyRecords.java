package io.pgseam.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CopiedTable;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Makes the records of the control topic that are about copying: from an anchor to its seam. */
public final class CopyRecords {

    /** A producer takes a record of 1 MiB by default. Of more topics, only the records of their tables say where the rows are. */
    private static final int MOST_SEAM_CHARACTERS = 400_000;

    private final ControlRecords records;

    public CopyRecords(ControlRecords records) {
        this.records = records;
    }

    /**
     * {@code anchor}: copying at this anchor begins.
     *
     * @param tasks how many tasks copy
     * @param connectorVersion the version of this connector
     * @param postgresVersion the version of the source, as the server says it
     */
    public SourceRecord anchor(
            Anchor anchor,
            int tasks,
            String connectorVersion,
            String postgresVersion,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode key = records.key("anchor").put("generation", anchor.generation());
        ObjectNode value = value("anchor", anchor)
                .put("tasks", tasks)
                .put("connector_version", connectorVersion)
                .put("postgres_version", postgresVersion);
        return records.record(partition, offset, key, value);
    }

    /** {@code plan}: what is covered from here on has changed, or the anchor at which the rest of it is copied. */
    public SourceRecord plan(
            Anchor anchor, long relations, long chunks, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode key = records.key("plan").put("generation", anchor.generation());
        ObjectNode value = value("plan", anchor).put("relations", relations).put("chunks", chunks);
        return records.record(partition, offset, key, value);
    }

    /** {@code share}: a copy task has begun, and holds the anchor's snapshot under this id. */
    public SourceRecord share(
            Anchor anchor, int task, String snapshot, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode key = records.key("share").put("task", task);
        ObjectNode value = value("share", anchor).put("task", task).put("snapshot", snapshot);
        return records.record(partition, offset, key, value);
    }

    /** {@code table}: what is going to be copied of a relation. */
    public SourceRecord table(
            Anchor anchor,
            TableId table,
            TableId relation,
            String tableTopic,
            RelationSize size,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        ObjectNode key = ControlRecords.named(records.key("table").put("generation", anchor.generation()), relation);
        ObjectNode value = ControlRecords.named(value("table", anchor), relation)
                .put("published_as", table.toString())
                .put("topic", tableTopic)
                .put("filenode", size.filenode())
                .put("blocks", size.blocks())
                .put("blocks_per_chunk", size.blocksPerChunk())
                .put("chunks", size.chunks())
                .put("bytes", size.bytes());
        return records.record(partition, offset, key, value);
    }

    /**
     * {@code chunk}: a chunk is copied, and where its rows stand. Its source offset is what calls the chunk done.
     *
     * @param task the copy task that has read its last row
     * @param startedMs when that task began to read it, in ms since 1970
     */
    public SourceRecord chunk(
            Anchor anchor, ChunkId chunk, ChunkProgress progress, int task, long startedMs, Map<String, ?> partition) {
        ObjectNode key = ControlRecords.named(records.key("chunk"), chunk.relation())
                .put("filenode", chunk.filenode())
                .put("blocks", chunk.blocksPerChunk())
                .put("chunk", chunk.number());
        ObjectNode value = ControlRecords.named(value("chunk", anchor), chunk.relation())
                .put("filenode", chunk.filenode())
                .put("chunk", chunk.number())
                .put("first_block", chunk.firstBlock())
                .put("next_block", progress.nextBlock())
                .put("task", task)
                .put("started_ms", startedMs)
                .put("rows", progress.rows() - progress.ranges().leftOut())
                .put("left_out", progress.ranges().leftOut())
                .put("bytes", progress.bytes())
                .put("hash", OffsetsJson.hex(progress.hash()))
                .put("offsets_exact", progress.ranges().exact());
        OffsetsJson.put(value.putObject("offsets"), progress.ranges(), false);
        return records.record(partition, progress.toSourceOffset(), key, value);
    }

    /** {@code misfit}: the plan no longer fits the source; copying continues at a new anchor. */
    public SourceRecord misfit(
            Anchor anchor, TableId relation, String reason, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode key = ControlRecords.named(records.key("misfit").put("generation", anchor.generation()), relation);
        return records.record(
                partition,
                offset,
                key,
                ControlRecords.named(value("misfit", anchor), relation).put("reason", reason));
    }

    /** {@code catch_up}: the stream has reached a newer anchor. */
    public SourceRecord catchUp(Anchor anchor, Map<String, ?> partition, Map<String, ?> offset) {
        return records.record(
                partition,
                offset,
                records.key("catch_up").put("generation", anchor.generation()),
                value("catch_up", anchor));
    }

    /** {@code seam}: where the copied rows end and the stream begins. */
    public SourceRecord seam(
            Anchor anchor, String slot, CopiedRows copied, Map<String, ?> partition, Map<String, ?> offset) {
        ObjectNode key = records.key("seam").put("generation", anchor.generation());
        ObjectNode value = value("seam", anchor)
                .put("slot", slot)
                .put("rows", copied.rows() - copied.places().leftOut())
                .put("left_out", copied.places().leftOut())
                .put("offsets_exact", copied.places().exact());
        ObjectNode byTopic = value.putObject("topics");
        copied.topics().forEach(byTopic::putObject);
        OffsetsJson.put(byTopic, copied.places(), true);
        if (byTopic.toString().length() > MOST_SEAM_CHARACTERS) {
            value.putNull("topics");
        }
        ObjectNode again = value.putObject("copied_again");
        copied.again().forEach((name, lsn) -> again.put(name, lsn.toString()));
        return records.record(partition, offset, key, value);
    }

    /**
     * {@code table_done}: the last chunk of a table is copied. Its source offset is what the ledger keeps of the table's copy.
     *
     * @param relations how many relations its rows were read from
     * @param chunks how many chunks these have
     */
    public SourceRecord tableDone(
            TableId table,
            String tableTopic,
            long relations,
            long chunks,
            CopiedTable copied,
            Map<String, ?> partition) {
        ObjectNode key = ControlRecords.named(records.key("table_done"), table);
        ObjectNode value = ControlRecords.named(value("table_done", copied.anchor()), table)
                .put("topic", tableTopic)
                .put("relations", relations)
                .put("chunks", chunks)
                .put("rows", copied.rows() - copied.ranges().leftOut())
                .put("left_out", copied.ranges().leftOut())
                .put("bytes", copied.bytes())
                .put("offsets_exact", copied.ranges().exact());
        OffsetsJson.put(value.putObject("offsets"), copied.ranges(), true);
        return records.record(partition, copied.toSourceOffset(), key, value);
    }

    /** {@code chunk_forgotten}: the ledger has deleted its entry of a chunk. All these records have one key. */
    public SourceRecord chunkForgotten(ChunkId chunk, Map<String, ?> partition) {
        ObjectNode value = ControlRecords.named(records.value("chunk_forgotten"), chunk.relation())
                .put("filenode", chunk.filenode())
                .put("chunk", chunk.number());
        return records.record(partition, null, records.key("chunk_forgotten"), value);
    }

    /**
     * {@code plan_part}: the ledger has, or has deleted, a part of a long plan. All these records have one key.
     *
     * @param digest by which the part is known; empty if it is the list of plans
     * @param length of the part, in characters; 0 if it is deleted
     * @param offset null if it is deleted
     */
    public SourceRecord planPart(
            Anchor anchor, String digest, int length, Map<String, ?> partition, @Nullable Map<String, ?> offset) {
        ObjectNode value = value("plan_part", anchor)
                .put("part", digest)
                .put("length", length)
                .put("deleted", offset == null);
        return records.record(partition, offset, records.key("plan_part"), value);
    }

    private ObjectNode value(String type, Anchor anchor) {
        return records.value(type)
                .put("generation", anchor.generation())
                .put("lsn", anchor.lsn().toString());
    }
}
