package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ExactJson;
import java.io.IOException;
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

    private static final class Row {
        private long lsn;
        private long sequence;
        private int partition;
        private long offset;
        private boolean deleted;
        private boolean matched;
        private @Nullable Digest values;
    }

    private final SourceTable table;
    private final Map<Integer, Long> changesFrom;
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
    ReplayedTable(SourceTable table, Map<Integer, Long> changesFrom, Lsn end) {
        this.table = table;
        this.changesFrom = changesFrom;
        this.end = end;
    }

    /** Applies a record; within a partition they come in order. */
    void apply(ConsumerRecord<byte[], byte[]> record) {
        JsonNode value = parsed(record, record.value());
        long lsn = value.path("__lsn").longValue();
        boolean snapshot = value.path("__snapshot").booleanValue();
        long seam = changesFrom.getOrDefault(record.partition(), 0L);
        if (snapshot == (record.offset() >= seam)) {
            found(Fault.WRONG_SIDE_OF_THE_SEAM, record.partition(), record.offset());
        }
        if (!snapshot && new Lsn(lsn).compareTo(end) >= 0) {
            return;
        }
        if (snapshot) {
            snapshotRows++;
        } else {
            changes++;
        }
        Digest key = digests.of(table.keyOf(parsed(record, record.key())));
        Row row = rows.get(key);
        if (row == null) {
            row = new Row();
            rows.put(key, row);
        } else {
            follow(record, row, lsn, value.path("__seq").longValue());
        }
        row.lsn = lsn;
        row.sequence = value.path("__seq").longValue();
        row.partition = record.partition();
        row.offset = record.offset();
        row.deleted = value.path("__op").intValue() == 1;
        row.values = row.deleted ? null : digests.of(table.valuesOf(value));
    }

    private void follow(ConsumerRecord<byte[], byte[]> record, Row before, long lsn, long sequence) {
        int order = Long.compareUnsigned(lsn, before.lsn);
        if (order < 0 || (order == 0 && sequence <= before.sequence)) {
            found(Fault.REPEATED_OR_OUT_OF_ORDER, record.partition(), record.offset());
        }
        if (record.partition() != before.partition) {
            found(Fault.OTHER_PARTITION, record.partition(), record.offset());
        }
    }

    private static JsonNode parsed(ConsumerRecord<byte[], byte[]> record, byte @Nullable [] json) {
        if (json == null) {
            throw new IllegalStateException("a record without key or value in " + record.topic() + "-"
                    + record.partition() + " at offset " + record.offset());
        }
        try {
            return ExactJson.READER.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "no JSON in " + record.topic() + "-" + record.partition() + " at offset " + record.offset(), e);
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
