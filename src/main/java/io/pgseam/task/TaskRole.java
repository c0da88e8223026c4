package io.pgseam.task;

import java.util.List;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** What a task does: copy a share of the tables, or stream changes. The methods are those of Connect's SourceTask. */
public interface TaskRole {

    /**
     * The next records. Returns within a second or so even where there are none: Connect cannot stop a task meanwhile.
     *
     * @return null where there are none at present
     * @throws org.apache.kafka.connect.errors.ConnectException where a person has to act
     */
    @Nullable
    List<SourceRecord> poll() throws InterruptedException;

    /**
     * Kafka has acknowledged a record; with exactly-once support, its transaction has committed. Comes from another thread
     * than {@link #poll()} without it.
     *
     * @param position where the record stands; null where it was dropped on the way
     */
    void acknowledged(SourceRecord record, @Nullable RecordMetadata position);

    /** Connect has committed source offsets. May come from another thread than {@link #poll()}. */
    void committed();

    /** Releases everything. */
    void close();
}
