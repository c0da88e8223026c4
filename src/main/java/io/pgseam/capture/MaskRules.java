package io.pgseam.capture;

import io.pgseam.capture.FitnessRules.Problem;
import io.pgseam.config.CaptureFilter;
import io.pgseam.config.MaskSettings;
import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.ColumnCatalog;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.record.mask.Mask;
import io.pgseam.record.mask.MaskedColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds columns that a rule matches and that cannot be masked: such a table is not captured. */
final class MaskRules {

    private final MaskSettings masks;
    private final CaptureFilter capture;
    private final boolean viaRoot;
    private final Map<Long, List<Column>> columns;

    private MaskRules(MaskSettings masks, CaptureFilter capture, boolean viaRoot, Map<Long, List<Column>> columns) {
        this.masks = masks;
        this.capture = capture;
        this.viaRoot = viaRoot;
        this.columns = columns;
    }

    /**
     * Reads the columns of the relations, if anything is masked.
     *
     * @param viaRoot whether partitions are published as rows of their partitioned table
     */
    static MaskRules read(
            MaskSettings masks,
            CaptureFilter capture,
            boolean viaRoot,
            Connection session,
            Collection<LeafState> leaves)
            throws SQLException {
        Map<Long, List<Column>> columns = masks.isEmpty()
                ? Map.of()
                : new ColumnCatalog(session)
                        .columns(leaves.stream().map(LeafState::oid).toList());
        return new MaskRules(masks, capture, viaRoot, columns);
    }

    /**
     * Why rows of a relation cannot be masked; null if they can be.
     *
     * @param table the topmost table that the relation is a partition of, or itself
     * @param above all tables that it is a partition of
     * @param messageKey names of the columns that a setting makes its key
     */
    @Nullable
    Problem problem(LeafState leaf, TableId table, List<TableId> above, Collection<String> messageKey) {
        Set<String> key = new HashSet<>(leaf.recordKey(viaRoot));
        key.addAll(leaf.recordKey(false));
        key.addAll(messageKey);
        TableId published = viaRoot ? table : leaf.id();
        for (Column column : columns.getOrDefault(leaf.oid(), List.of())) {
            String name = column.name();
            boolean captured = !leaf.unpublished().contains(name)
                    && (key.contains(name) || capture.includesColumn(published, name));
            Problem problem = captured ? problem(leaf, published, above, column, key.contains(name)) : null;
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable Problem problem(
            LeafState leaf, TableId published, List<TableId> above, Column column, boolean key) {
        String name = column.name();
        Mask mask = masks.of(published, name);
        for (TableId other : above) {
            if (!Objects.equals(mask, masks.of(other, name))) {
                return namedDifferently(published, other, name);
            }
        }
        if (!Objects.equals(mask, masks.of(leaf.id(), name))) {
            return namedDifferently(published, leaf.id(), name);
        }
        String problem = mask == null
                ? null
                : MaskedColumns.problem(mask, column.type(), column.modifier(), key, masks.hashesKeys());
        return problem == null
                ? null
                : new Problem(
                        Unfitness.MASK,
                        setting(published, name),
                        "column " + name + ": " + problem,
                        "leave the column out by column.exclude.list, or by a column list of the publication, or take it out of"
                                + " the rule");
    }

    private Problem namedDifferently(TableId published, TableId other, String column) {
        String setting = masks.settingOf(other, column);
        return new Problem(
                Unfitness.MASK,
                setting == null ? setting(published, column) : setting,
                "column " + column + ": the rules do not say the same of " + published + "." + column + " and of "
                        + other + "." + column + ", which has the same rows",
                "write the expression so that it matches both names");
    }

    private String setting(TableId table, String column) {
        return Objects.requireNonNullElse(masks.settingOf(table, column), MaskSettings.UNMATCHED);
    }
}
