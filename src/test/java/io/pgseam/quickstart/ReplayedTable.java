package io.pgseam.quickstart;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.FlatRecord;
import io.pgseam.testing.FlatRecord.Place;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer has that applies a table's topic by key, and what is wrong with it. Of each key only digests are held, so
 * that memory grows by some 200 bytes a key, however wide the rows are.
 */
final class ReplayedTable {

    /** What can be wrong. */
    enum Fault {
        /** A row of the source that the topic does not have. */
        MISSING,
        /** A row of the topic that the source does not have. */
        GHOST,
        /** A row with another value in some column. */
        DIFFERENT,
        /** A record that repeats what its key had before, or goes back behind it: not exactly once, or not in order (I4). */
        REPEATED_OR_OUT_OF_ORDER,
        /** A key that was in another partition before (I7). */
        OTHER_PARTITION,
        /** A copied row behind the seam's offset, or a change before it. */
        WRONG_SIDE_OF_THE_SEAM
    }

    private static final int FETCH_SIZE = 10_000;
    private static final int REPORTED = 5;

    private static final Place NO_PLACE = new Place(Lsn.NONE, 0);

    private static final class Row {
        private Place place = NO_PLACE;
        private int partition;
        private long offset;
        private boolean deleted;
        private boolean matched;
        private @Nullable Digest values;
    }

    private final SourceTable table;
    private final Map<TopicPartition, Long> changesFrom;
    private final Lsn end;
    private final Digest.Maker digests = new Digest.Maker();
    private final Map<Digest, Row> rows = new HashMap<>();
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final List<String> places = new ArrayList<>();
    private long snapshotRows;
    private long changes;
    private long sourceRows;

    /**
     * @param changesFrom the seam: by partition, the offset from which only changes follow
     * @param end the LSN of the source's state to compare with; later changes are left out
     */
    ReplayedTable(SourceTable table, Map<TopicPartition, Long> changesFrom, Lsn end) {
        this.table = table;
        this.changesFrom = changesFrom;
        this.end = end;
    }

    /** Applies a record; within a partition they come in order. */
    void apply(ConsumerRecord<byte[], byte[]> record) {
        FlatRecord flat = FlatRecord.of(record);
        long seam = changesFrom.getOrDefault(flat.partition(), 0L);
        if (flat.snapshot() == (record.offset() >= seam)) {
            found(Fault.WRONG_SIDE_OF_THE_SEAM, record.partition(), record.offset());
        }
        if (!flat.snapshot() && flat.place().lsn().compareTo(end) >= 0) {
            return;
        }
        if (flat.snapshot()) {
            snapshotRows++;
        } else {
            changes++;
        }
        Digest key = digests.of(table.keyOf(flat.key()));
        Row row = rows.get(key);
        if (row == null) {
            row = new Row();
            rows.put(key, row);
        } else {
            follow(flat, row);
        }
        row.place = flat.place();
        row.partition = record.partition();
        row.offset = record.offset();
        row.deleted = flat.deleted();
        row.values = row.deleted ? null : digests.of(table.valuesOf(flat.columns()));
    }

    private void follow(FlatRecord record, Row before) {
        int partition = record.partition().partition();
        if (record.place().compareTo(before.place) <= 0) {
            found(Fault.REPEATED_OR_OUT_OF_ORDER, partition, record.offset());
        }
        if (partition != before.partition) {
            found(Fault.OTHER_PARTITION, partition, record.offset());
        }
    }

    /**
     * Compares with the source.
     *
     * @param connection inside a transaction that sees the source as of the end
     */
    void compare(Connection connection) throws SQLException {
        int columns = table.columns().size();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet result = statement.executeQuery(table.query())) {
                List<@Nullable String> texts = new ArrayList<>(columns);
                while (result.next()) {
                    texts.clear();
                    for (int column = 1; column <= columns; column++) {
                        texts.add(result.getString(column));
                    }
                    compareRow(texts);
                }
            }
        }
        endComparison();
    }

    /** Every row of the source has been compared: what is left over, the source does not have. */
    void endComparison() {
        for (Row row : rows.values()) {
            if (!row.matched && !row.deleted) {
                found(Fault.GHOST, row.partition, row.offset);
            }
        }
    }

    /** Compares one row of the source, given as PostgreSQL's text of each column. */
    void compareRow(List<@Nullable String> texts) {
        sourceRows++;
        List<@Nullable String> values = table.valuesOf(texts);
        Row row = rows.get(digests.of(table.keyOf(values)));
        if (row == null || row.deleted) {
            faults.merge(Fault.MISSING, 1L, Long::sum);
            return;
        }
        row.matched = true;
        if (!digests.of(values).equals(row.values)) {
            found(Fault.DIFFERENT, row.partition, row.offset);
        }
    }

    private void found(Fault fault, int partition, long offset) {
        faults.merge(fault, 1L, Long::sum);
        if (places.size() < REPORTED) {
            places.add(fault + " at partition " + partition + " offset " + offset);
        }
    }

    SourceTable table() {
        return table;
    }

    long snapshotRows() {
        return snapshotRows;
    }

    long changes() {
        return changes;
    }

    long sourceRows() {
        return sourceRows;
    }

    /** What is wrong, and how often; empty where nothing is. */
    Map<Fault, Long> faults() {
        return faults;
    }

    /** Where some of the faults are. */
    List<String> places() {
        return places;
    }
}
