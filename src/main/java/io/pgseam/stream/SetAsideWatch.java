package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.phase.SetAsideState;
import io.pgseam.phase.SetAsideState.Entry;
import io.pgseam.phase.SetAsideTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Says on the control topic which selected tables are set aside, and when one is not any longer. The leader decides that by the same
 * rules, but cannot write records.
 *
 * <p>What was said is in the ledger, so that a restart neither misses nor repeats it.
 */
final class SetAsideWatch {

    /** Asks the source. */
    interface Source {
        List<SetAsideTable> setAside() throws SQLException;
    }

    private final Source source;
    private final Ledger ledger;
    private final ControlRecords control;
    private final String server;
    private final long everyNanos;
    private @Nullable SetAsideState told;
    private long lastLook;

    /**
     * @param server {@code topic.prefix}
     * @param everyNanos the time between two looks, in ns
     */
    SetAsideWatch(Source source, Ledger ledger, ControlRecords control, String server, long everyNanos) {
        this.source = source;
        this.ledger = ledger;
        this.control = control;
        this.server = server;
        this.everyNanos = everyNanos;
        this.lastLook = System.nanoTime() - everyNanos;
    }

    /** What has changed since the last look, if it is time for one. */
    List<SourceRecord> look() throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook < everyNanos) {
            return List.of();
        }
        lastLook = now;
        return compare(source.setAside());
    }

    private List<SourceRecord> compare(List<SetAsideTable> tables) {
        SetAsideState before = told == null ? ledger.setAside() : told;
        Map<Long, Entry> now = new HashMap<>();
        tables.forEach(table -> now.put(table.oid(), new Entry(table.reason(), table.table())));
        List<SetAsideTable> news = new ArrayList<>();
        for (SetAsideTable table : tables) {
            Entry known = before.tables().get(table.oid());
            if (known == null || !known.reason().equals(table.reason())) {
                news.add(table);
            }
        }
        List<TableId> over = before.tables().entrySet().stream()
                .filter(entry -> !now.containsKey(entry.getKey()))
                .map(entry -> entry.getValue().table())
                .filter(table -> table != null
                        && tables.stream().noneMatch(other -> other.table().equals(table)))
                .sorted()
                .toList();
        SetAsideState state = new SetAsideState(now);
        told = state;
        return records(news, over, before, state);
    }

    /** Only the last one commits the new state: if not all of them reach Kafka, all are written again. */
    private List<SourceRecord> records(
            List<SetAsideTable> news, List<TableId> over, SetAsideState before, SetAsideState now) {
        List<SourceRecord> records = new ArrayList<>();
        Map<String, ?> partition = SetAsideState.sourcePartition(server);
        int count = news.size() + over.size();
        for (SetAsideTable table : news) {
            SetAsideState state = records.size() == count - 1 ? now : before;
            records.add(control.setAside(table.table(), table, partition, state.toSourceOffset()));
        }
        for (TableId table : over) {
            SetAsideState state = records.size() == count - 1 ? now : before;
            records.add(control.setAside(table, null, partition, state.toSourceOffset()));
        }
        return records;
    }
}
