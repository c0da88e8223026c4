package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What one partition has: rows and hashes of copied rows by the anchor at which they were read, and what is out of order. Memory: a few
 * numbers for each anchor. Takes the messages in the order of their offsets.
 */
final class PartitionScan {

    /** How many faults are named; all are counted. */
    private static final int MOST_NAMED = 10;

    private final int partition;
    private final long from;
    private final long to;
    private final MessageRows rows;
    private final NavigableMap<Lsn, Copied> copied = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private long faultCount;
    private long changes;
    private long repeated;
    private long keyless;
    private Lsn newestChange = Lsn.NONE;

    /** By the key of messages, if only their rows are in order; else one for all. */
    private final Map<Optional<ByteBuffer>, Newest> newest = new HashMap<>();

    private @Nullable Copied last;

    private static final class Copied {
        private final Lsn lsn;
        private long rows;
        private long hash;

        private Copied(Lsn lsn) {
            this.lsn = lsn;
        }
    }

    /** The newest change so far. */
    private static final class Newest {
        private Lsn lsn = Lsn.NONE;
        private long sequence;
        private boolean any;

        /** Whether a change is no newer than those before. */
        private boolean isPast(TopicRow row) {
            int order = row.lsn().compareTo(lsn);
            return any && (order < 0 || (order == 0 && Long.compareUnsigned(row.sequence(), sequence) <= 0));
        }
    }

    /**
     * @param from the offset at which it begins
     * @param to the offset before which it ends
     */
    PartitionScan(int partition, long from, long to, MessageRows rows) {
        this.partition = partition;
        this.from = from;
        this.to = to;
        this.rows = rows;
    }

    void take(ConsumerRecord<byte[], byte[]> message) {
        try {
            rows.read(message, row -> take(row, message.offset()));
        } catch (MalformedRowException e) {
            fault("offset " + message.offset() + " is no row of pgseam: " + e.getMessage());
        }
    }

    private void take(TopicRow row, long offset) {
        if (row.snapshot()) {
            takeCopied(row, offset);
        } else {
            takeChange(row);
        }
    }

    private void takeCopied(TopicRow row, long offset) {
        Copied at = last;
        if (at == null || !at.lsn.equals(row.lsn())) {
            at = copied.computeIfAbsent(row.lsn(), Copied::new);
            last = at;
        }
        at.rows++;
        at.hash += row.hash();
        keyless += row.hasKey() ? 0 : 1;
        if (row.deleted()) {
            fault("offset " + offset + " is a copied row that says that it is deleted");
        }
        if (changes > 0 && !newestChange.isBefore(row.lsn())) {
            fault("offset " + offset + " has a row that was copied at " + row.lsn() + ", after a change of "
                    + newestChange);
        }
    }

    private void takeChange(TopicRow row) {
        Optional<ByteBuffer> key = rows.ordersByKey() ? Optional.ofNullable(row.keyBytes()) : Optional.empty();
        Newest before = newest.computeIfAbsent(key, any -> new Newest());
        if (before.isPast(row)) {
            repeated++;
        } else {
            before.any = true;
            before.lsn = row.lsn();
            before.sequence = row.sequence();
        }
        newestChange = Lsn.max(newestChange, row.lsn());
        changes++;
    }

    private void fault(String what) {
        faultCount++;
        if (faults.size() < MOST_NAMED) {
            faults.add("partition " + partition + ", " + what);
        }
    }

    int partition() {
        return partition;
    }

    long from() {
        return from;
    }

    long to() {
        return to;
    }

    /** Copied rows that were read at this anchor or a later one. */
    RowSum copiedSince(Lsn lsn) {
        RowSum sum = RowSum.NONE;
        for (Copied at : copied.tailMap(lsn, true).values()) {
            sum = sum.plus(new RowSum(at.rows, at.hash));
        }
        return sum;
    }

    /** Faults, the first ones in words. */
    List<String> faults() {
        return faults;
    }

    long faultCount() {
        return faultCount;
    }

    /** Changes that were read. */
    long changes() {
        return changes;
    }

    /** Changes that follow one of the same place, or of a later one: they were sent again, or their order is wrong. */
    long repeated() {
        return repeated;
    }

    /** Copied rows whose messages have no key. */
    long keyless() {
        return keyless;
    }

    /** As {@link #restore} reads it. */
    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("partition", partition).put("from", from).put("to", to);
        node.put("changes", changes)
                .put("repeated", repeated)
                .put("keyless", keyless)
                .put("fault_count", faultCount);
        faults.forEach(node.putArray("faults")::add);
        ObjectNode anchors = node.putObject("copied");
        copied.values()
                .forEach(at -> anchors.putObject(at.lsn.toString())
                        .put("rows", at.rows)
                        .put("hash", Long.toHexString(at.hash)));
        return node;
    }

    /** Takes over what an earlier run has found of the whole partition. */
    void restore(JsonNode node) {
        changes = node.path("changes").asLong();
        repeated = node.path("repeated").asLong();
        keyless = node.path("keyless").asLong();
        faultCount = node.path("fault_count").asLong();
        node.path("faults").forEach(fault -> faults.add(fault.asText()));
        node.path("copied").properties().forEach(anchor -> {
            Copied at = copied.computeIfAbsent(Lsn.parse(anchor.getKey()), Copied::new);
            at.rows = anchor.getValue().path("rows").asLong();
            at.hash = Long.parseUnsignedLong(anchor.getValue().path("hash").asText(), 16);
        });
    }
}
