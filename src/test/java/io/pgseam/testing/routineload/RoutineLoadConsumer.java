package io.pgseam.testing.routineload;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.TopicReader;
import io.pgseam.testing.routineload.LoadedTable.Column;
import io.pgseam.testing.routineload.RowRules.BadRow;
import io.pgseam.testing.routineload.RowRules.LoadedRow;
import io.pgseam.tool.target.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A job of StarRocks or Doris: takes the statements that are generated for them, and does with each message what these servers do, into a
 * table of a MariaDB. Within a partition rows are applied in their order; of several rows of a key in a batch the last one counts, or the
 * one of the highest version.
 */
public final class RoutineLoadConsumer {

    private static final int BATCH = 500;

    private final Target mariaDb;
    private final LoadedTable table;
    private final LoadJob job;

    /** Versions by key, of deleted rows too: the servers keep them. */
    private final Map<List<@Nullable String>, BigInteger> versions = new HashMap<>();

    private long dropped;

    private RoutineLoadConsumer(Target mariaDb, LoadedTable table, LoadJob job) {
        this.mariaDb = mariaDb;
        this.table = table;
        this.job = job;
    }

    /**
     * Makes the table.
     *
     * @param createTable for StarRocks or Doris
     * @param createRoutineLoad for the same
     */
    public static RoutineLoadConsumer create(Target mariaDb, String createTable, String createRoutineLoad) {
        RoutineLoadConsumer consumer =
                new RoutineLoadConsumer(mariaDb, LoadedTable.parse(createTable), LoadJob.parse(createRoutineLoad));
        mariaDb.execute("CREATE DATABASE IF NOT EXISTS `" + consumer.table.database() + "`");
        mariaDb.execute(consumer.table.mariaDb());
        return consumer;
    }

    /** The table in MariaDB, quoted. */
    public String table() {
        return table.qualified();
    }

    /** Whether a replayed message never brings an older version back. */
    public boolean isReplaySafe() {
        return job.ordered();
    }

    /** How many rows were dropped because they do not fit: none, if the job is told to pause instead. */
    public long dropped() {
        return dropped;
    }

    /**
     * Reads from the job's offsets to the end.
     *
     * @param most how many messages of each partition are read at most
     * @throws IllegalStateException if the job pauses; the message says why
     */
    public void load(String bootstrapServers, long most) {
        SortedMap<Integer, Long> offsets = job.offsets();
        List<LoadedRow> batch = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(bootstrapServers, job.topic())) {
            Long from = offsets.get(record.partition());
            if (from == null || record.offset() < from || record.offset() >= from + most || record.value() == null) {
                continue;
            }
            take(record, batch);
            if (batch.size() >= BATCH) {
                write(batch);
            }
        }
        write(batch);
    }

    private void take(ConsumerRecord<byte[], byte[]> record, List<LoadedRow> batch) {
        String place = record.topic() + "-" + record.partition() + " at " + record.offset();
        try {
            boolean strip = "true".equals(job.properties().get("strip_outer_array"));
            for (JsonNode document : RowRules.documents(record.value(), strip)) {
                batch.add(RowRules.row(document, table, job));
            }
        } catch (BadRow e) {
            if (job.pausesOnBadRows()) {
                throw new IllegalStateException("PAUSED: " + place + ": " + e.getMessage(), e);
            }
            dropped++;
        } catch (IOException e) {
            if (RowRules.isUnreadable(e)) {
                throw new IllegalStateException("PAUSED: " + place + " is no JSON", e);
            }
            throw new UncheckedIOException(e);
        }
    }

    private void write(List<LoadedRow> batch) {
        Map<List<@Nullable String>, LoadedRow> last = new LinkedHashMap<>();
        for (LoadedRow row : batch) {
            List<@Nullable String> key = new ArrayList<>();
            table.keys().forEach(column -> key.add(row.values().get(column.name())));
            if (job.ordered()) {
                BigInteger version = row.version();
                if (version == null) {
                    throw new IllegalStateException("PAUSED: a message has no __ver");
                }
                BigInteger known = versions.get(key);
                if (known != null && known.compareTo(version) > 0) {
                    continue;
                }
                versions.put(key, version);
            }
            last.remove(key);
            last.put(key, row);
        }
        batch.clear();
        List<String> upserts = new ArrayList<>();
        List<String> deletes = new ArrayList<>();
        last.values()
                .forEach(row -> (row.delete() ? deletes : upserts)
                        .add(literals(row, row.delete() ? table.keys() : table.columns())));
        if (!upserts.isEmpty()) {
            mariaDb.execute("REPLACE INTO " + table.qualified() + " VALUES " + String.join(", ", upserts));
        }
        if (!deletes.isEmpty()) {
            mariaDb.execute("DELETE FROM " + table.qualified() + " WHERE ("
                    + table.keys().stream()
                            .map(column -> "`" + column.name() + "`")
                            .collect(Collectors.joining(", "))
                    + ") IN (" + String.join(", ", deletes) + ")");
        }
    }

    private static String literals(LoadedRow row, List<Column> columns) {
        return columns.stream()
                .map(column -> literal(row.values().get(column.name())))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String literal(@Nullable String value) {
        return value == null ? "NULL" : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
