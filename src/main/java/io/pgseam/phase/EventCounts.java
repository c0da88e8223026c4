package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How many events of a transaction are sent, by collection (a table, or messages). It is part of the stream's position: after a restart in
 * mid-transaction, the events that follow are numbered after those that Kafka has, whatever settings have changed.
 *
 * <p>Immutable. One with one more event refers to the one before, so the positions of many changes share what they have in common. The chain is never
 * longer than there are collections.
 */
public final class EventCounts {

    /** No event is sent, or events are not counted. */
    public static final EventCounts NONE = new EventCounts(Lsn.NONE, 0, Map.of(), null, "", 0, 0);

    private static final String BETWEEN_COLLECTIONS = ",";
    private static final String WITHIN_COLLECTION = ":";
    private static final int SHORTEST_CHAIN = 16;

    private final Lsn commitLsn;
    private final long total;

    /** The counts without the events of the chain. */
    private final Map<String, Long> base;

    private final @Nullable EventCounts before;
    private final String collection;
    private final long ofCollection;
    private final int chain;

    private EventCounts(
            Lsn commitLsn,
            long total,
            Map<String, Long> base,
            @Nullable EventCounts before,
            String collection,
            long ofCollection,
            int chain) {
        this.commitLsn = commitLsn;
        this.total = total;
        this.base = base;
        this.before = before;
        this.collection = collection;
        this.ofCollection = ofCollection;
        this.chain = chain;
    }

    /** Whether they are those of the transaction that commits at this LSN. */
    public boolean isOf(Lsn lsn) {
        return total > 0 && commitLsn.equals(lsn);
    }

    /** Returns the counts with one more event; those of another transaction are forgotten. */
    public EventCounts with(Lsn lsn, String of) {
        if (!isOf(lsn)) {
            return new EventCounts(lsn, 1, Map.of(), NONE, of, 1, 1);
        }
        if (chain < Math.max(SHORTEST_CHAIN, base.size())) {
            return new EventCounts(lsn, total + 1, base, this, of, count(of) + 1, chain + 1);
        }
        Map<String, Long> counts = byCollection();
        return new EventCounts(lsn, total + 1, counts, NONE, of, counts.getOrDefault(of, 0L) + 1, 1);
    }

    private long count(String of) {
        for (EventCounts event = this; event != null && event.chain > 0; event = event.before) {
            if (event.collection.equals(of)) {
                return event.ofCollection;
            }
        }
        return base.getOrDefault(of, 0L);
    }

    /** How many events are sent. */
    public long total() {
        return total;
    }

    /** How many of the collection of the last event. */
    public long ofCollection() {
        return ofCollection;
    }

    /** How many of each collection. In the order in which Debezium's connector has them, if it has one. */
    public Map<String, Long> byCollection() {
        Deque<EventCounts> events = new ArrayDeque<>();
        for (EventCounts event = this; event != null && event.chain > 0; event = event.before) {
            events.push(event);
        }
        Map<String, Long> counts = new HashMap<>(base);
        events.forEach(event -> counts.put(event.collection, event.ofCollection));
        return counts;
    }

    /** For the ledger. */
    String text() {
        return commitLsn
                + BETWEEN_COLLECTIONS
                + byCollection().entrySet().stream()
                        .map(count -> URLEncoder.encode(count.getKey(), StandardCharsets.UTF_8)
                                + WITHIN_COLLECTION
                                + count.getValue())
                        .collect(Collectors.joining(BETWEEN_COLLECTIONS));
    }

    /** @throws IllegalArgumentException if it is not the text of counts */
    static EventCounts parse(String text) {
        String[] parts = text.split(BETWEEN_COLLECTIONS, -1);
        Map<String, Long> counts = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] count = parts[i].split(WITHIN_COLLECTION, -1);
            if (count.length != 2) {
                throw new IllegalArgumentException("no name and number: " + parts[i]);
            }
            counts.put(URLDecoder.decode(count[0], StandardCharsets.UTF_8), Long.valueOf(count[1]));
        }
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        return new EventCounts(Lsn.parse(parts[0]), total, counts, null, "", 0, 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof EventCounts counts
                        && total == counts.total
                        && commitLsn.equals(counts.commitLsn)
                        && byCollection().equals(counts.byCollection()));
    }

    @Override
    public int hashCode() {
        return commitLsn.hashCode() * 31 + Long.hashCode(total);
    }

    @Override
    public String toString() {
        return total + " events of the transaction that commits at " + commitLsn;
    }
}
