package io.pgseam.tool.source;

import io.pgseam.capture.SetAside;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a copy will read and send, as far as the catalogue knows.
 *
 * @param tables in the order in which they are copied, the largest first
 * @param tasks how many tasks copy: {@code tasks.max}, or fewer if there are fewer chunks
 * @param strideBytes {@code snapshot.stride.size}: one COPY, and one Kafka transaction, each
 * @param setAside selected tables that will not be captured
 * @param server what the copy needs of the server, and what it has
 */
public record CopyForecast(
        List<Table> tables, int tasks, long strideBytes, List<SetAside> setAside, ServerRoom server) {

    /** Sessions besides those of the copy tasks: the leader's snapshot, and its looks at the catalogue. */
    private static final int SESSIONS_OF_THE_LEADER = 2;

    /** While it streams: the replication session, the catalogue, lookups of large values, and the leader. */
    private static final int STREAMING_SESSIONS = 4;

    /**
     * One table.
     *
     * @param id its name
     * @param topic where its rows go
     * @param leaves how many relations hold its rows: more than one only if it is partitioned
     * @param bytes size of heap and TOAST
     * @param rows the server's estimate; empty if the table was never analyzed
     * @param messageBytes estimated size of all messages, before compression; empty if the table was never analyzed
     * @param chunks into how many chunks it is divided
     * @param key names of the columns of the record key, in key order; empty for none
     * @param identity what updates and deletes tell of the old row
     */
    public record Table(
            TableId id,
            String topic,
            int leaves,
            long bytes,
            OptionalLong rows,
            OptionalLong messageBytes,
            long chunks,
            List<String> key,
            ReplicaIdentity identity) {

        public Table {
            key = List.copyOf(key);
        }
    }

    /**
     * Connections and slots of the server.
     *
     * @param maxConnections its {@code max_connections}
     * @param usedConnections sessions of clients that it has now
     * @param maxSlots its {@code max_replication_slots}
     * @param usedSlots slots that it has now
     * @param slotExists whether the connector's own slot is one of them
     */
    public record ServerRoom(
            int maxConnections, int usedConnections, int maxSlots, int usedSlots, boolean slotExists) {}

    public CopyForecast {
        tables = List.copyOf(tables);
        setAside = List.copyOf(setAside);
    }

    public long bytes() {
        return tables.stream().mapToLong(Table::bytes).sum();
    }

    public long chunks() {
        return tables.stream().mapToLong(Table::chunks).sum();
    }

    /** Estimated rows of all tables; empty if one of them has no estimate. */
    public OptionalLong rows() {
        return sum(tables.stream().map(Table::rows));
    }

    /** Estimated bytes of all messages; empty if one of the tables has no estimate. */
    public OptionalLong messageBytes() {
        return sum(tables.stream().map(Table::messageBytes));
    }

    private static OptionalLong sum(Stream<OptionalLong> estimates) {
        List<OptionalLong> all = estimates.toList();
        return all.stream().allMatch(OptionalLong::isPresent)
                ? OptionalLong.of(
                        all.stream().mapToLong(OptionalLong::getAsLong).sum())
                : OptionalLong.empty();
    }

    /** Sessions that the connector has open while it copies. */
    public int copySessions() {
        return tasks + SESSIONS_OF_THE_LEADER;
    }

    /** The most sessions that the connector has open while it streams. */
    public int streamingSessions() {
        return STREAMING_SESSIONS;
    }
}
