package io.pgseam.record;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Takes every record of a change, whatever its size; for tests of what makes records. */
public abstract class AcceptingWriter implements ChangeWriter {

    @Override
    public final boolean begin(What what) {
        return true;
    }

    @Override
    public final long sequence() {
        return 1;
    }

    @Override
    public @Nullable TransactionOrigin origin() {
        return null;
    }

    @Override
    public @Nullable EventOrder countEvent(TableId table) {
        return null;
    }

    @Override
    public final Map<String, ?> partition() {
        return Map.of();
    }

    @Override
    public final Map<String, ?> offset() {
        return Map.of();
    }

    @Override
    public final boolean fits(long bytes) {
        return true;
    }

    @Override
    public final SourceRecord admit(SourceRecord record, TableId table, List<Column> columns) {
        return record;
    }
}
