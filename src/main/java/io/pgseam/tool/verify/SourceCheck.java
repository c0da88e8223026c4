package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.record.flat.FlatRowEncoder;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether a topic, applied by key, gives the table as of one LSN. Rows of both ends become entries of some 40 bytes, which are sorted into
 * files by what names the row; each pair of files is compared in memory. The source's rows are rendered by the code that the connector
 * renders them with.
 */
public final class SourceCheck {

    /** So many rows, give or take, are compared at a time. */
    private static final long ROWS_PER_BUCKET = 100_000;

    private static final int MOST_BITS = 8;

    private final PartitionReader reader;
    private final Supplier<MessageRows> messages;
    private final FlatSettings flat;
    private final Path workDirectory;
    private final Progress progress;
    private final int named;

    /**
     * @param messages makes what takes messages apart
     * @param flat how the connector renders rows
     * @param workDirectory for files: some 60 bytes for each row, and for each message
     * @param named how many differences of a table are named
     */
    public SourceCheck(
            PartitionReader reader,
            Supplier<MessageRows> messages,
            FlatSettings flat,
            Path workDirectory,
            Progress progress,
            int named) {
        this.reader = reader;
        this.messages = messages;
        this.flat = flat;
        this.workDirectory = workDirectory;
        this.progress = progress;
        this.named = named;
    }

    /**
     * Compares one table.
     *
     * @param source the source as of an LSN. The topics have everything that was committed before
     * @param manifests what the control topic says
     * @param partitions what the topic has
     */
    public TableResult check(
            SourceSnapshot source,
            CapturedTable table,
            String topic,
            Manifests manifests,
            Map<Integer, Extent> partitions) {
        long messagesToRead = partitions.values().stream()
                .mapToLong(extent -> extent.end() - extent.earliest())
                .sum();
        Truncation truncation = manifests.truncation(topic, source.lsn());
        int bits = 0;
        while (bits < MOST_BITS && messagesToRead >> bits > ROWS_PER_BUCKET) {
            bits++;
        }
        RowDigest digest = new RowDigest(table.columns());
        TableComparison comparison = new TableComparison(table.id().toString(), topic, digest.isKeyed(), named);
        try (Buckets replayed = new Buckets(workDirectory, bits);
                Buckets rows = new Buckets(workDirectory, bits)) {
            progress.begin(topic, messagesToRead);
            partitions.forEach((partition, extent) -> {
                if (extent.earliest() > 0) {
                    comparison.shortened(partition, extent.earliest());
                }
                MessageRows apart = messages.get();
                reader.read(
                        new TopicPartition(topic, partition),
                        extent.earliest(),
                        extent.end(),
                        message -> replay(message, apart, source.lsn(), truncation, digest, comparison, replayed),
                        progress::add);
            });
            replayed.finish();
            progress.begin(
                    table.id() + " in the source",
                    table.leaves().stream().mapToLong(leaf -> leaf.blocks()).sum());
            readSource(source, table, digest, comparison, rows);
            rows.finish();
            comparison.compare(replayed, rows);
        }
        return comparison.result(this::keyAt, digest);
    }

    private static void replay(
            ConsumerRecord<byte[], byte[]> message,
            MessageRows apart,
            Lsn lsn,
            Truncation truncation,
            RowDigest digest,
            TableComparison comparison,
            Buckets replayed) {
        try {
            apart.read(message, row -> {
                boolean counts =
                        row.snapshot() ? !row.lsn().isAfter(lsn) : row.lsn().isBefore(lsn);
                if (counts && !truncation.removes(row)) {
                    try {
                        digest.read(row.value(), row.from(), row.to());
                    } catch (MalformedRowException e) {
                        comparison.malformed(message.partition(), message.offset(), e);
                        return;
                    }
                    comparison.replay(row, message.partition(), message.offset(), digest, replayed);
                }
            });
        } catch (MalformedRowException e) {
            comparison.malformed(message.partition(), message.offset(), e);
        }
    }

    private void readSource(
            SourceSnapshot source, CapturedTable table, RowDigest digest, TableComparison comparison, Buckets rows) {
        FlatRowEncoder encoder =
                new FlatRowEncoder(table.id(), table.columns(), flat, new UnrepresentableValues(Clock.systemUTC()));
        source.read(table, row -> {
            byte[] value = encoder.upsert(row, 0, 0, false, 0);
            try {
                digest.read(value, 0, value.length);
            } catch (MalformedRowException e) {
                throw new CommandFailure(
                        "a row of " + table.id() + " is rendered as no JSON object: " + e.getMessage(), e);
            }
            comparison.read(digest, rows);
        });
    }

    /** The key of the row at a place of the topic. */
    private String keyAt(TopicPartition partition, long offset, RowDigest digest) {
        String[] key = {"?"};
        MessageRows apart = messages.get();
        reader.read(
                partition,
                offset,
                offset + 1,
                message -> {
                    try {
                        apart.read(message, row -> key[0] = nameOf(row, digest));
                    } catch (MalformedRowException e) {
                        key[0] = "?";
                    }
                },
                done -> {});
        return key[0];
    }

    private static String nameOf(TopicRow row, RowDigest digest) {
        try {
            digest.read(row.value(), row.from(), row.to());
            String name = digest.nameText();
            return name == null ? "?" : name;
        } catch (MalformedRowException e) {
            return "?";
        }
    }
}
