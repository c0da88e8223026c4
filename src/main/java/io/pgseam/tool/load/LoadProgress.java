package io.pgseam.tool.load;

import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.Collection;
import java.util.Map;

/** Asks a database how far it has loaded tables. Rows of the offsets that it reports are committed there. */
public interface LoadProgress {

    /**
     * The progress of one database.
     *
     * @param database the database that has the tables
     * @param offsets Kafka's offsets: ClickHouse commits how far it is to its consumer groups
     */
    static LoadProgress of(Dialect dialect, String database, Target target, TopicOffsets offsets) {
        return switch (dialect.kind()) {
            case STARROCKS, DORIS -> new JobProgress(dialect, database, target);
            case CLICKHOUSE -> new QueueProgress(dialect, database, target, offsets);
        };
    }

    /**
     * How far these tables are loaded.
     *
     * @throws io.pgseam.tool.outcome.CommandFailure if the database or Kafka does not answer
     */
    Map<TargetTable, LoadState> look(Collection<TargetTable> tables);
}
