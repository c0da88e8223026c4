package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TypeText;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.phase.TableShape;
import io.pgseam.phase.TableShape.ShapeColumn;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A table to copy, as it was when the anchor was opened. Every task has it from the plan: asking the catalogue again would
 * have to wait for a session that alters the table, and tasks could get different answers.
 *
 * @param oid its OID
 * @param id the name that it is published as, which names the topic: the root's, where partitions are so published
 * @param identity what its updates and deletes say of the old row
 * @param columns its captured columns
 * @param rowFilter the publication's row filter as SQL, or null for every row
 * @param member OID of the member of the publication by which it is published
 * @param published by which version of the publication its changes since the anchor are published, see
 *     {@link io.pgseam.pg.catalog.PublicationVersions}; empty in plans of older releases
 */
public record PlannedTable(
        long oid,
        TableId id,
        ReplicaIdentity identity,
        List<PlannedColumn> columns,
        @Nullable String rowFilter,
        long member,
        String published) {

    /** No version of a publication. */
    private static final String MISSED = "missed";

    private static final String REQUESTED = "requested";

    public PlannedTable {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param name its name
     * @param type OID of its type
     * @param modifier its type modifier; -1 for none
     * @param notNull whether it forbids NULL
     * @param keyPosition its place in the record key, from 1; 0 for none
     * @param inRowKey whether it is part of the row key
     */
    public record PlannedColumn(
            String name, long type, int modifier, boolean notNull, int keyPosition, boolean inRowKey) {}

    static PlannedTable of(CapturedTable table) {
        List<PlannedColumn> columns = table.columns().stream()
                .map(column -> new PlannedColumn(
                        column.name(),
                        column.type().oid(),
                        column.modifier(),
                        column.notNull(),
                        column.keyPosition(),
                        column.inRowKey()))
                .toList();
        return new PlannedTable(
                table.oid(),
                table.id(),
                table.replicaIdentity(),
                columns,
                table.rowFilter(),
                table.member(),
                table.published());
    }

    /**
     * Whether every change since the anchor of this plan was published as the table is published now.
     *
     * @param version the version by which it is published now
     */
    public boolean isPublishedBy(String version) {
        return published.isEmpty() || version.isEmpty() || published.equals(version);
    }

    /** The same, every change of which was published as these versions publish it. */
    PlannedTable publishedBy(PublicationVersions versions) {
        return isMissingChanges()
                ? this
                : new PlannedTable(oid, id, identity, columns, rowFilter, member, versions.of(oid, member));
    }

    /** The same, of which changes were not sent: no version of the publication has published every change. */
    PlannedTable missingChanges() {
        return new PlannedTable(oid, id, identity, columns, rowFilter, member, MISSED);
    }

    /** Whether changes of it were not sent. */
    public boolean isMissingChanges() {
        return published.equals(MISSED);
    }

    /** The same, of which a signal asked for another copy: it is planned as if no version had published every change. */
    PlannedTable requested() {
        return new PlannedTable(oid, id, identity, columns, rowFilter, member, REQUESTED);
    }

    /** Whether a signal asked for another copy of it. */
    public boolean isRequested() {
        return published.equals(REQUESTED);
    }

    /** What the copied rows look like. */
    TableShape shape(LongFunction<PgType> types) {
        List<ShapeColumn> shape = columns.stream()
                .map(column -> new ShapeColumn(
                        column.name(),
                        column.type(),
                        column.modifier(),
                        TypeText.of(types.apply(column.type()), column.modifier()),
                        column.notNull()))
                .toList();
        List<String> rowKey = columns.stream()
                .filter(PlannedColumn::inRowKey)
                .sorted(Comparator.comparingInt(PlannedColumn::keyPosition))
                .map(PlannedColumn::name)
                .toList();
        return new TableShape(id, identity, shape, rowKey);
    }

    /** Names of the columns that its records are keyed by. */
    List<String> recordKey() {
        return columns.stream()
                .filter(column -> column.keyPosition() > 0)
                .sorted(Comparator.comparingInt(PlannedColumn::keyPosition))
                .map(PlannedColumn::name)
                .toList();
    }

    /** The columns with their types. */
    List<Column> columns(LongFunction<PgType> types) {
        return columns.stream()
                .map(column -> new Column(
                        column.name(),
                        types.apply(column.type()),
                        column.modifier(),
                        column.notNull(),
                        column.keyPosition(),
                        column.inRowKey()))
                .toList();
    }
}
