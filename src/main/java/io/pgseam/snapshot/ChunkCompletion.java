package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.record.PackedRecord;
import io.pgseam.task.DroppedRecords;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunks that are begun and not done: follows their acknowledgements, and makes the records that call them done (invariant I5).
 * The reader's thread, Connect's task thread and its producer's thread all come here.
 */
final class ChunkCompletion {

    private static final Logger LOG = LoggerFactory.getLogger(ChunkCompletion.class);

    /** @param sinceMs when this task began with it, in ms since 1970 */
    private record Begun(ChunkReader chunk, long sinceMs) {}

    private final Anchor anchor;
    private final int task;
    private final Clock clock;
    private final ControlRecords control;
    private final CopyRecords copyRecords;
    private final DoneTables tables;
    private final DroppedRecords dropped;
    private final SentRows sent;
    private final Map<Map<String, ?>, Begun> begun = new ConcurrentHashMap<>();

    /** Whose row was acknowledged last; null if none was. */
    private volatile @Nullable Begun lastAcknowledged;

    ChunkCompletion(
            CopyAssignment assignment,
            ControlRecords control,
            DoneTables tables,
            DroppedRecords dropped,
            SentRows sent,
            Clock clock) {
        this.copyRecords = new CopyRecords(control);
        this.tables = tables;
        this.sent = sent;
        this.anchor = assignment.anchor();
        this.task = assignment.task();
        this.clock = clock;
        this.control = control;
        this.dropped = dropped;
    }

    /** Rows of this chunk are going to be sent. */
    void begin(ChunkReader chunk) {
        begun.put(chunk.partition(), new Begun(chunk, clock.millis()));
    }

    /** Whether every chunk that was begun is done. */
    boolean isEmpty() {
        return begun.isEmpty();
    }

    /**
     * Kafka has a record, or Connect has dropped it.
     *
     * @return whether that makes a chunk complete
     */
    boolean acknowledged(SourceRecord record, @Nullable RecordMetadata position) {
        ChunkReader chunk = chunkOf(record.sourcePartition());
        if (chunk == null) {
            return false;
        }
        ChunkAcknowledgements acknowledgements = chunk.acknowledgements();
        int rows = PackedRecord.rowsOf(record);
        if (position == null) {
            dropped.count("Table " + chunk.planned().relation().table().id());
            return acknowledgements.acknowledgeLeftOut(rows);
        }
        if (record.topic().equals(control.topic())) {
            // The stand-in of a row that is too large.
            return acknowledgements.acknowledgeLeftOut(rows);
        }
        if (sent.hasHash(record)) {
            // Outside of the lock, which the reader's thread takes as well.
            long hash = sent.hash(record);
            return acknowledgements.acknowledge(position.topic(), position.partition(), position.offset(), rows, hash);
        }
        return acknowledgements.acknowledgeUnhashed(position.topic(), position.partition(), position.offset(), rows);
    }

    /** The rows of a chunk come one after the other, with one map for all of them. */
    private @Nullable ChunkReader chunkOf(Map<String, ?> partition) {
        Begun last = lastAcknowledged;
        if (last == null || last.chunk().partition() != partition) {
            last = begun.get(partition);
            lastAcknowledged = last;
        }
        return last == null ? null : last.chunk();
    }

    /** The records of chunks that have become complete. */
    List<SourceRecord> manifests() {
        List<SourceRecord> manifests = new ArrayList<>();
        for (Iterator<Begun> chunks = begun.values().iterator(); chunks.hasNext(); ) {
            Begun next = chunks.next();
            ChunkReader chunk = next.chunk();
            if (chunk.acknowledgements().complete()) {
                chunks.remove();
                ChunkProgress finished =
                        chunk.acknowledgements().describe(chunk.progress()).finished();
                manifests.add(
                        copyRecords.chunk(anchor, chunk.chunk(), finished, task, next.sinceMs(), chunk.partition()));
                if (finished.ranges().leftOut() > 0) {
                    LOG.warn(
                            "Copied {}: {} of its {} rows are in no topic, because Connect dropped them or they are too large",
                            chunk.chunk(),
                            finished.ranges().leftOut(),
                            finished.rows());
                }
                tables.chunkDone(chunk.planned().relation().table());
                Failpoint.CHUNK_ACKNOWLEDGED.pass();
            }
        }
        return manifests;
    }
}
