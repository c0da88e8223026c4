package io.pgseam.record.flat;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.record.RowPack;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the records of tables in the flat format: a record for each row, or packed. */
public final class FlatTables implements TableRecordsFactory {

    private final Function<TableId, String> topics;
    private final FlatSettings settings;
    private final boolean tombstones;
    private final boolean headers;
    private final UnrepresentableValues unrepresentable;
    private final @Nullable RowPacker packer;

    /**
     * Makes a record for each row.
     *
     * @param topics the topic of a table
     * @param settings what the values carry
     * @param tombstones whether an empty record follows each delete
     * @param headers whether records carry their marks as headers too
     * @param unrepresentable is told of values that JSON cannot hold
     */
    public FlatTables(
            Function<TableId, String> topics,
            FlatSettings settings,
            boolean tombstones,
            boolean headers,
            UnrepresentableValues unrepresentable) {
        this(topics, settings, tombstones, headers, unrepresentable, null);
    }

    private FlatTables(
            Function<TableId, String> topics,
            FlatSettings settings,
            boolean tombstones,
            boolean headers,
            UnrepresentableValues unrepresentable,
            @Nullable RowPacker packer) {
        this.topics = topics;
        this.settings = settings;
        this.tombstones = tombstones;
        this.headers = headers;
        this.unrepresentable = unrepresentable;
        this.packer = packer;
    }

    /** Packs many rows into a record. There are neither tombstones nor headers. */
    public static FlatTables packed(
            Function<TableId, String> topics,
            FlatSettings settings,
            UnrepresentableValues unrepresentable,
            PackSettings pack) {
        return new FlatTables(topics, settings, false, false, unrepresentable, new RowPacker(pack));
    }

    @Override
    public TableRecords recordsOf(TableId table, List<Column> columns) {
        String topic = topics.apply(table);
        return packer == null
                ? new FlatTableRecords(table, topic, columns, settings, tombstones, headers, unrepresentable)
                : new PackedTableRecords(table, topic, columns, settings, unrepresentable, packer);
    }

    @Override
    public @Nullable RowPack pack() {
        return packer;
    }
}
