package io.pgseam.tool.load;

import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.target.Row;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The Kafka tables of ClickHouse. They commit an offset when its rows are written. */
final class QueueProgress implements LoadProgress {

    private final Dialect dialect;
    private final String database;
    private final Target target;
    private final TopicOffsets offsets;

    QueueProgress(Dialect dialect, String database, Target target, TopicOffsets offsets) {
        this.dialect = dialect;
        this.database = database;
        this.target = target;
        this.offsets = offsets;
    }

    @Override
    public Map<TargetTable, LoadState> look(Collection<TargetTable> tables) {
        Map<String, String> errors = new HashMap<>();
        for (Row row : target.rows("SELECT table, argMax(exceptions.text[-1], exceptions.time[-1]) AS error"
                + " FROM system.kafka_consumers WHERE database = " + ClickHouse.string(database)
                + " AND notEmpty(exceptions.text) GROUP BY table")) {
            errors.put(row.text("table"), row.text("error"));
        }
        Set<String> queues = new HashSet<>();
        target.rows("SELECT name FROM system.tables WHERE database = " + ClickHouse.string(database)
                        + " AND engine = 'Kafka'")
                .forEach(row -> queues.add(row.text("name")));
        Map<TargetTable, LoadState> states = new HashMap<>();
        for (TargetTable table : tables) {
            String queue = ClickHouse.queueName(table);
            states.put(
                    table,
                    queues.contains(queue)
                            ? new LoadState(true, next(table), Optional.empty(), Optional.ofNullable(errors.get(queue)))
                            : LoadState.missing("there is no table " + queue + " in database " + database
                                    + ": pgseam clickhouse load writes it"));
        }
        return states;
    }

    private SortedMap<Integer, Long> next(TargetTable table) {
        SortedMap<Integer, Long> next = new TreeMap<>();
        offsets.committed(dialect.group(table, database)).forEach((partition, offset) -> {
            if (partition.topic().equals(table.topic())) {
                next.put(partition.partition(), offset);
            }
        });
        return next;
    }
}
