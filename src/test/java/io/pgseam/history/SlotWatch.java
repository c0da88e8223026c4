package io.pgseam.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ExactJson;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the slot has confirmed with what is durable: the slot first, then the committed offsets, so that the offsets
 * are never the older ones. Belongs to one thread.
 */
final class SlotWatch implements AutoCloseable {

    private static final String OFFSETS_TOPIC = "connect-offset";

    private final TestDatabase database;
    private final String connector;
    private final TopicReader offsets;
    private @Nullable Lsn atFirst;
    private @Nullable Lsn committed;
    private long comparisons;

    SlotWatch(TestDatabase database, String bootstrapServers, String connector) {
        this.database = database;
        this.connector = connector;
        this.offsets = TopicReader.of(bootstrapServers, OFFSETS_TOPIC);
    }

    /**
     * Looks once.
     *
     * @return what is wrong, or null
     */
    @Nullable
    String look() throws SQLException {
        List<String> found =
                database.query("SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE NOT temporary"
                        + " AND database = current_database() AND confirmed_flush_lsn IS NOT NULL");
        offsets.readToEnd(this::take);
        if (found.size() != 1) {
            return null;
        }
        Lsn confirmed = Lsn.parse(found.get(0));
        if (atFirst == null) {
            atFirst = confirmed;
        }
        comparisons++;
        Lsn durable = committed == null ? atFirst : Lsn.max(committed, atFirst);
        return confirmed.isAfter(durable)
                ? "the slot is confirmed up to " + confirmed + ", but the committed offsets are at " + durable
                : null;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            JsonNode key = ExactJson.READER.readTree(record.key());
            boolean ofStream = key.path(0).asText().equals(connector) && ConnectorClient.isOfStream(key.path(1));
            if (ofStream && record.value() != null) {
                committed = ConnectorClient.position(ExactJson.READER.readTree(record.value()))
                        .readFrom();
            }
        } catch (IOException e) {
            throw new IllegalStateException("no JSON on the offsets topic at offset " + record.offset(), e);
        }
    }

    long comparisons() {
        return comparisons;
    }

    @Override
    public void close() {
        offsets.close();
    }
}
