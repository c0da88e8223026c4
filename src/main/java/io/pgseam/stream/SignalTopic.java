package io.pgseam.stream;

import io.pgseam.phase.SignalPlace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a Kafka topic of signals in a thread of its own. The consumer has no group and commits nothing: how far the topic is read is part of the
 * stream's position, with what the signals ask for. Whatever is wrong with the topic or with its brokers is said in the log and tried again,
 * and disturbs nothing.
 */
final class SignalTopic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SignalTopic.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration METADATA = Duration.ofSeconds(10);
    private static final long LOOK_MS = 2_000;
    private static final long RETRY_MS = 15_000;
    private static final long CLOSE_MS = 5_000;
    private static final int MOST_WAITING = 100;

    private final SignalTopicSettings settings;
    private final byte[] key;
    private final BlockingQueue<Read> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private @Nullable SignalPlace place;
    private volatile String said = "";

    private SignalTopic(SignalTopicSettings settings, @Nullable SignalPlace from) {
        this.settings = settings;
        this.key = settings.key().getBytes(StandardCharsets.UTF_8);
        this.place = from != null && from.topic().equals(settings.topic()) ? from : null;
        this.thread = new Thread(this::run, "pgseam-signals-" + settings.topic());
        this.thread.setDaemon(true);
    }

    /**
     * What was read, in the order of the topic.
     *
     * @param offset of the record; -1 if there is none, and only the place becomes known from which the topic is read
     * @param value of the record; empty if it has none
     * @param next how far the topic is read with it
     */
    record Read(long offset, ByteBuffer value, SignalPlace next) {

        /** Whether a position has it. */
        boolean isIn(@Nullable SignalPlace place) {
            return place != null && place.topic().equals(next.topic()) && place.next() >= next.next();
        }

        boolean isSignal() {
            return offset >= 0;
        }
    }

    /**
     * Begins to read.
     *
     * @param from where; null if no signal of the topic was read before. Then those that are in it are passed over, as it is not known whether
     *     they were meant for another time
     */
    static SignalTopic open(SignalTopicSettings settings, @Nullable SignalPlace from) {
        SignalTopic topic = new SignalTopic(settings, from);
        topic.thread.start();
        return topic;
    }

    /** The next one, also when it is asked for again; null if none is there. Does not wait. */
    @Nullable
    Read next() {
        return waiting.peek();
    }

    /** The next one is answered. */
    void taken() {
        waiting.remove();
    }

    /** What is wrong with the topic at present, as the log says it; empty if nothing is. */
    String trouble() {
        return said;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run() {
        try {
            while (!isClosed()) {
                try (KafkaConsumer<byte[], byte[]> open =
                        new KafkaConsumer<>(properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                    consumer = open;
                    read(open);
                } catch (WakeupException e) {
                    LOG.debug("Signals are no longer read from topic {}", settings.topic());
                } catch (RuntimeException e) {
                    say("cannot be read, and is tried again: " + e);
                } finally {
                    consumer = null;
                }
                closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            // Only close() interrupts.
            LOG.debug("Signals are no longer read from topic {}", settings.topic());
        }
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>(settings.consumer());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return properties;
    }

    private void read(KafkaConsumer<byte[], byte[]> open) throws InterruptedException {
        while (!isReadable(open)) {
            if (closed.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        TopicPartition partition = new TopicPartition(settings.topic(), 0);
        open.assign(List.of(partition));
        SignalPlace from = place == null ? beginAt(endOf(open, partition)) : place;
        open.seek(partition, from.next());
        LOG.info("Reads signals from topic {}, from offset {} on", settings.topic(), from.next());
        said = "";
        while (!isClosed()) {
            try {
                for (ConsumerRecord<byte[], byte[]> record : open.poll(POLL)) {
                    take(record);
                }
            } catch (OffsetOutOfRangeException e) {
                LOG.warn(
                        "Topic {} of signals does not have offset {} any more: it was created again, or its retention is"
                                + " shorter than the connector was stopped. Reads what it has",
                        settings.topic(),
                        place);
                open.seekToBeginning(List.of(partition));
            }
        }
    }

    private boolean isReadable(KafkaConsumer<byte[], byte[]> open) throws InterruptedException {
        List<PartitionInfo> partitions = open.partitionsFor(settings.topic(), METADATA);
        if (partitions == null || partitions.isEmpty()) {
            say("does not exist. Create it with one partition; signals are read once it is there");
            if (place == null) {
                // All signals that will be in it are younger than this connector.
                beginAt(0);
            }
            return false;
        }
        if (partitions.size() > 1) {
            say("has " + partitions.size() + " partitions, so its signals have no order. Create it with one partition");
            return false;
        }
        return true;
    }

    private static long endOf(KafkaConsumer<byte[], byte[]> open, TopicPartition partition) {
        Long end = open.endOffsets(List.of(partition), METADATA).get(partition);
        if (end == null) {
            throw new IllegalStateException("its broker does not say where it ends");
        }
        return end;
    }

    private SignalPlace beginAt(long offset) throws InterruptedException {
        SignalPlace begin = new SignalPlace(settings.topic(), offset);
        place = begin;
        put(new Read(-1, ByteBuffer.allocate(0), begin));
        return begin;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        SignalPlace next = new SignalPlace(settings.topic(), record.offset() + 1);
        place = next;
        if (Arrays.equals(key, record.key())) {
            byte[] value = record.value();
            put(new Read(record.offset(), value == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(value), next));
        }
    }

    private void put(Read read) throws InterruptedException {
        waiting.put(read);
    }

    /** Once, until something else is wrong: it is tried again every few seconds. */
    private void say(String what) {
        if (!what.equals(said) && !isClosed()) {
            said = what;
            LOG.warn("Topic {} of signals (signal.kafka.topic) {}", settings.topic(), what);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        KafkaConsumer<byte[], byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        try {
            thread.join(CLOSE_MS / 2);
            // It may wait for the stream to take what it has read.
            thread.interrupt();
            thread.join(CLOSE_MS / 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
