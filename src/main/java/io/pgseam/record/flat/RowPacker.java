package io.pgseam.record.flat;

import io.pgseam.record.PackedRecord;
import io.pgseam.record.RecordOffsets;
import io.pgseam.record.RowPack;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Packs rows of many tables into messages. A row is in the bucket of its key, {@code murmur2(key) mod buckets}, for good. A message has
 * rows of one bucket and one table, and its key is the bucket: so Kafka's partitioner keeps a bucket in one partition.
 *
 * <p>The rows of a change are written one after the other into {@link #rows()}, and go to their messages once the change is complete. A
 * row takes no memory but its bytes.
 */
public final class RowPacker implements RowPack {

    /** About what a message takes besides its rows: record, offset, headers of arrays, and a buffer that is not full yet. */
    private static final int MESSAGE_BYTES = 1_024;

    /** How much memory buffers keep that no message fills at present. */
    private static final int MOST_IDLE_BYTES = 8 << 20;

    private final int mostBytes;
    private final byte[][] keys;
    private final byte[] beforeRows;
    private final char betweenRows;
    private final byte[] afterRows;
    private final Map<String, Topic> topics = new HashMap<>();

    private final JsonBuffer rows = new JsonBuffer();
    private final List<NewRow> newRows = new ArrayList<>();
    private int newCount;

    private final List<Message> open = new ArrayList<>();
    private final ArrayDeque<Message> idle = new ArrayDeque<>();
    private final List<SourceRecord> full = new ArrayList<>();
    private long idleBytes;
    private long bytes;
    private int newTopics;

    /** Where messages go. */
    final class Topic {
        private final String name;
        private final @Nullable Message[] messages = new Message[keys.length];
        private int turn;

        /** Whether a message goes to it, or has. */
        private boolean known;

        private Topic(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        /** The bucket of a key. Without a key the buckets have their turns, each until its message is full. */
        int bucketOf(JsonBuffer key) {
            return key.size() == 0 ? turn : (key.kafkaHash() & Integer.MAX_VALUE) % keys.length;
        }
    }

    /** A row of the change at hand. */
    private static final class NewRow {
        private @Nullable Topic topic;
        private @Nullable Object owner;
        private int bucket;
        private int start;
        private int end;
        private long hash;
        private @Nullable SourceRecord alone;
    }

    /** A message that is being filled. */
    private static final class Message {
        private final JsonBuffer value = new JsonBuffer();
        private @Nullable Topic topic;
        private @Nullable Object owner;
        private int bucket;
        private int rows;
        private long hash;
    }

    public RowPacker(PackSettings settings) {
        mostBytes = settings.bytes();
        beforeRows = settings.form().before().getBytes(StandardCharsets.US_ASCII);
        betweenRows = settings.form().between();
        afterRows = settings.form().after().getBytes(StandardCharsets.US_ASCII);
        keys = new byte[settings.buckets()][];
        for (int bucket = 0; bucket < keys.length; bucket++) {
            keys[bucket] = Integer.toString(bucket).getBytes(StandardCharsets.US_ASCII);
        }
    }

    Topic topic(String name) {
        return topics.computeIfAbsent(name, Topic::new);
    }

    /** The key of a bucket's messages. */
    byte[] key(int bucket) {
        return keys[bucket];
    }

    /** Where the rows of the change at hand are written. */
    JsonBuffer rows() {
        return rows;
    }

    /** Whether a row of this size may share a message with others. */
    boolean isPackable(int size) {
        return size <= mostBytes - beforeRows.length - afterRows.length;
    }

    /** The value of a message that has only the row that begins here. */
    byte[] alone(int start) {
        int length = rows.size() - start;
        byte[] value = new byte[beforeRows.length + length + afterRows.length];
        System.arraycopy(beforeRows, 0, value, 0, beforeRows.length);
        rows.copyTo(value, beforeRows.length, start);
        System.arraycopy(afterRows, 0, value, beforeRows.length + length, afterRows.length);
        return value;
    }

    /**
     * Adds the row that was written last.
     *
     * @param owner who has rows in one message with it
     * @param start where it begins
     * @param hash its hash if it was copied, else 0
     */
    void add(Topic topic, Object owner, int bucket, int start, long hash) {
        add(topic, owner, bucket, start, rows.size(), hash, null);
    }

    /**
     * Adds a record in place of the row that was written last. It follows the rows of its bucket that were added before.
     *
     * @param start where the row begins
     */
    void addAlone(Topic topic, Object owner, int bucket, int start, SourceRecord record) {
        rows.endAt(start);
        add(topic, owner, bucket, start, start, 0, record);
    }

    private void add(
            Topic topic, Object owner, int bucket, int start, int end, long hash, @Nullable SourceRecord alone) {
        if (newCount == newRows.size()) {
            newRows.add(new NewRow());
        }
        NewRow row = newRows.get(newCount++);
        row.topic = topic;
        row.owner = owner;
        row.bucket = bucket;
        row.start = start;
        row.end = end;
        row.hash = hash;
        row.alone = alone;
    }

    @Override
    public boolean hasNew() {
        return newCount > 0;
    }

    @Override
    public void forgetNew() {
        newCount = 0;
        rows.clear();
    }

    @Override
    public void keep() {
        for (int i = 0; i < newCount; i++) {
            NewRow row = newRows.get(i);
            if (row.topic != null) {
                keep(row, row.topic);
            }
            row.alone = null;
        }
        forgetNew();
    }

    private void keep(NewRow row, Topic topic) {
        if (!topic.known) {
            topic.known = true;
            newTopics++;
        }
        Message message = topic.messages[row.bucket];
        if (row.alone != null) {
            if (message != null) {
                fill(message);
            }
            full.add(row.alone);
            bytes += MESSAGE_BYTES + (row.alone.value() instanceof byte[] value ? value.length : 0);
            return;
        }
        if (message == null) {
            message = open(topic, row.bucket);
        }
        int length = row.end - row.start;
        if (message.rows > 0
                && (message.owner != row.owner || message.value.size() + 1 + length + afterRows.length > mostBytes)) {
            fill(message);
        }
        if (message.rows == 0) {
            message.owner = row.owner;
            message.value.append(beforeRows);
            bytes += MESSAGE_BYTES;
        } else {
            message.value.append(betweenRows);
        }
        message.value.append(rows, row.start, row.end);
        message.rows++;
        message.hash += row.hash;
        bytes += length + 1L;
    }

    private Message open(Topic topic, int bucket) {
        Message message = idle.poll();
        if (message == null) {
            message = new Message();
        } else {
            idleBytes -= message.value.capacity();
        }
        message.topic = topic;
        message.bucket = bucket;
        topic.messages[bucket] = message;
        open.add(message);
        return message;
    }

    /** The message has all its rows; the next row of its bucket begins another one. */
    private void fill(Message message) {
        Topic topic = message.topic;
        if (topic == null || message.rows == 0) {
            return;
        }
        message.value.append(afterRows);
        full.add(new PackedRecord(
                Map.of(),
                Map.of(),
                topic.name,
                keys[message.bucket],
                message.value.toByteArray(),
                message.rows,
                message.hash,
                null));
        message.value.clear();
        message.rows = 0;
        message.hash = 0;
        topic.turn = (topic.turn + 1) % keys.length;
    }

    @Override
    public boolean isEmpty() {
        return open.isEmpty() && full.isEmpty();
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public int messages() {
        return full.size() + open.size();
    }

    @Override
    public int newTopics() {
        return newTopics;
    }

    @Override
    public List<SourceRecord> close(Map<String, ?> partition, Map<String, ?> offset) {
        for (Message message : open) {
            fill(message);
            if (message.topic != null) {
                message.topic.messages[message.bucket] = null;
            }
            message.topic = null;
            message.owner = null;
            if (idleBytes + message.value.capacity() <= MOST_IDLE_BYTES) {
                idleBytes += message.value.capacity();
                idle.push(message);
            }
        }
        List<SourceRecord> closed = new ArrayList<>(full.size());
        for (SourceRecord record : full) {
            closed.add(RecordOffsets.with(record, partition, offset));
        }
        open.clear();
        full.clear();
        bytes = 0;
        newTopics = 0;
        return closed;
    }
}
