package io.pgseam.snapshot;

import io.pgseam.control.CopyRecords;
import io.pgseam.pg.TableId;
import io.pgseam.phase.CopiedTable;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes the records by which ledger and control topic learn that tables are copied. */
public final class TableDoneRecords {

    private final String server;
    private final CopyRecords control;
    private final Function<TableId, String> topics;

    /**
     * @param server {@code topic.prefix}
     * @param topics the topic of a table
     */
    public TableDoneRecords(String server, CopyRecords control, Function<TableId, String> topics) {
        this.server = server;
        this.control = control;
        this.topics = topics;
    }

    /** A record for each table that a tally found to be copied since the last call, unless the ledger has that already. */
    public List<SourceRecord> of(CopyTally tally) {
        return tally.counted().stream().map(this::of).toList();
    }

    private SourceRecord of(ChunkTally table) {
        TableId id = table.table().id();
        return control.tableDone(
                id,
                topics.apply(id),
                table.relations(),
                table.chunks(),
                table.copied(),
                CopiedTable.sourcePartition(server, table.table().oid()));
    }
}
