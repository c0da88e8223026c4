package io.pgseam.record.debezium;

import io.debezium.connector.SnapshotRecord;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.relational.TableId;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.MessagePlace;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TransactionOrigin;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The {@code source} block of one table's records, or of records that belong to no table. */
final class SourceBlock {

    private final PostgresOffsetContext context;
    private final @Nullable TableId table;

    /** @param table null for records that belong to no table: they name none */
    SourceBlock(PostgresConnectorConfig config, @Nullable TableId table) {
        // An offset without anything in it: what a record says of its source is set before each.
        this.context = new PostgresOffsetContext.Loader(config).load(Map.of());
        this.table = table;
    }

    /**
     * @param anchor the anchor's LSN
     * @param time when the table was begun to be read
     */
    Struct ofSnapshotRow(SnapshotPlace place, io.pgseam.pg.Lsn anchor, Instant time) {
        context.markSnapshotRecord(
                switch (place) {
                    case FIRST -> SnapshotRecord.FIRST;
                    case FIRST_OF_TABLE -> SnapshotRecord.FIRST_IN_DATA_COLLECTION;
                    case WITHIN -> SnapshotRecord.TRUE;
                });
        context.clearOrigin();
        context.updateWalPosition(lsn(anchor), null, time, null, null, table, null);
        return context.getSourceInfo();
    }

    Struct ofChange(ChangeWriter change) {
        context.markSnapshotRecord(SnapshotRecord.FALSE);
        context.updateCommitPosition(lsn(change.previousCommitEnd()), null);
        updateOrigin(change.origin());
        Instant time = time(change.commitTimeMicros());
        context.updateWalPosition(lsn(change.lsn()), null, time, change.transactionId(), null, table, null);
        return context.getSourceInfo();
    }

    Struct ofMessage(MessagePlace place) {
        context.markSnapshotRecord(SnapshotRecord.FALSE);
        context.updateCommitPosition(lsn(place.previousCommitEnd()), null);
        updateOrigin(place.origin());
        Instant time = time(place.timeMicros());
        context.updateWalPosition(lsn(place.lsn()), null, time, place.transactionId(), null, table, null);
        return context.getSourceInfo();
    }

    private void updateOrigin(@Nullable TransactionOrigin origin) {
        if (origin == null) {
            context.clearOrigin();
        } else {
            context.updateOrigin(origin.name(), Lsn.valueOf(origin.lsn().value()));
        }
    }

    private static Instant time(long micros) {
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, TimeUnit.SECONDS.toMicros(1)),
                TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, TimeUnit.SECONDS.toMicros(1))));
    }

    private static @Nullable Lsn lsn(io.pgseam.pg.Lsn lsn) {
        return lsn.equals(io.pgseam.pg.Lsn.NONE) ? null : Lsn.valueOf(lsn.value());
    }
}
