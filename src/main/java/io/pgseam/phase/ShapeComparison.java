package io.pgseam.phase;

import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import io.pgseam.phase.ShapeChange.ColumnAdded;
import io.pgseam.phase.ShapeChange.ColumnDropped;
import io.pgseam.phase.ShapeChange.ColumnRenamed;
import io.pgseam.phase.ShapeChange.FirstSeen;
import io.pgseam.phase.ShapeChange.IdentityChanged;
import io.pgseam.phase.ShapeChange.KeyChanged;
import io.pgseam.phase.ShapeChange.NullabilityChanged;
import io.pgseam.phase.ShapeChange.TableRenamed;
import io.pgseam.phase.ShapeChange.TypeChanged;
import io.pgseam.phase.TableShape.ShapeColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells in what two shapes of one table differ.
 *
 * <p>The stream does not number columns, so that a renamed one looks like one that is gone and another one that came. But
 * columns never change their order, and a new one comes last. So a strange name in front of a known one is an old column
 * renamed; behind the last known one the catalogue's numbers have to tell. Where neither does, the column is said to be dropped,
 * and another one added.
 */
public final class ShapeComparison {

    private final TableShape before;
    private final TableShape after;
    private final @Nullable PresentTable present;
    private final Set<String> common;

    /** New names of renamed columns to their old ones. */
    private final Map<String, String> renamed = new LinkedHashMap<>();

    private ShapeComparison(TableShape before, TableShape after, @Nullable PresentTable present) {
        this.before = before;
        this.after = after;
        this.present = present;
        this.common = common(names(before), names(after));
    }

    private static List<String> names(TableShape shape) {
        return shape.columns().stream().map(ShapeColumn::name).toList();
    }

    /**
     * Compares.
     *
     * @param before the older shape; null where none is known
     * @param present the table as the catalogue shows it now; null where it shows none
     * @return what has changed; empty where nothing has
     */
    public static List<ShapeChange> compare(
            @Nullable TableShape before, TableShape after, @Nullable PresentTable present) {
        return before == null ? List.of(new FirstSeen()) : new ShapeComparison(before, after, present).changes();
    }

    private List<ShapeChange> changes() {
        findRenamed();
        List<ShapeChange> changes = new ArrayList<>();
        if (!before.id().equals(after.id())) {
            changes.add(new TableRenamed(before.id()));
        }
        for (ShapeColumn column : before.columns()) {
            if (!renamed.containsValue(column.name()) && !common.contains(column.name())) {
                changes.add(new ColumnDropped(column));
            }
        }
        renamed.forEach((to, from) -> changes.add(new ColumnRenamed(from, to)));
        for (ShapeColumn column : after.columns()) {
            String from = common.contains(column.name()) ? column.name() : renamed.get(column.name());
            if (from == null) {
                changes.add(added(column));
            } else {
                before.column(from).ifPresent(old -> addAlterations(old, column, changes));
            }
        }
        addKeyChanges(changes);
        return changes;
    }

    private static void addAlterations(ShapeColumn old, ShapeColumn column, List<ShapeChange> changes) {
        if (!column.isOfTypeOf(old)) {
            changes.add(new TypeChanged(old, column));
        }
        if (column.notNull() != old.notNull()) {
            changes.add(new NullabilityChanged(column));
        }
    }

    private void addKeyChanges(List<ShapeChange> changes) {
        List<String> newNames = before.key().stream().map(this::newName).toList();
        if (!newNames.equals(after.key())) {
            changes.add(new KeyChanged(before.key(), after.key()));
        }
        if (before.identity() != after.identity()) {
            changes.add(new IdentityChanged(before.identity(), after.identity()));
        }
    }

    private String newName(String oldName) {
        for (Map.Entry<String, String> entry : renamed.entrySet()) {
            if (entry.getValue().equals(oldName)) {
                return entry.getKey();
            }
        }
        return oldName;
    }

    private ColumnAdded added(ShapeColumn column) {
        Optional<Attribute> found = present == null ? Optional.empty() : present.attribute(column.name());
        if (found.isEmpty()
                || found.get().typeOid() != column.typeOid()
                || found.get().modifier() != column.modifier()) {
            return new ColumnAdded(column, false, null, null, false);
        }
        Attribute attribute = found.get();
        // With a default but no missing value, the rows were written again, each with a value of its own.
        boolean existingKnown = attribute.missing() != null || attribute.defaultExpression() == null;
        return new ColumnAdded(column, true, attribute.defaultExpression(), attribute.missing(), existingKnown);
    }

    /** Walks both lists of columns from one common name to the next. */
    private void findRenamed() {
        List<ShapeColumn> gone = new ArrayList<>();
        List<ShapeColumn> come = new ArrayList<>();
        int place = 0;
        String lastCommon = null;
        for (ShapeColumn column : before.columns()) {
            if (!common.contains(column.name())) {
                gone.add(column);
                continue;
            }
            while (!after.columns().get(place).name().equals(column.name())) {
                come.add(after.columns().get(place++));
            }
            place++;
            lastCommon = column.name();
            if (gone.size() == come.size()) {
                pair(gone, come, gone.size());
            }
            gone.clear();
            come.clear();
        }
        come.addAll(after.columns().subList(place, after.columns().size()));
        pair(gone, come, Math.min(Math.min(gone.size(), come.size()), run(lastCommon, come)));
    }

    /**
     * The names that both have, of the same columns. A column that was dropped and added again is not the same one: it stands at
     * the end now, behind names that it stood in front of.
     */
    private static Set<String> common(List<String> before, List<String> after) {
        for (int kept = after.size(); kept > 0; kept--) {
            Set<String> common = new LinkedHashSet<>(after.subList(0, kept));
            common.retainAll(Set.copyOf(before));
            if (before.stream().filter(common::contains).toList().equals(List.copyOf(common))) {
                return common;
            }
        }
        return Set.of();
    }

    private void pair(List<ShapeColumn> gone, List<ShapeColumn> come, int count) {
        for (int i = 0; i < count; i++) {
            renamed.put(come.get(i).name(), gone.get(i).name());
        }
    }

    /**
     * How many of these columns have the numbers that follow that of the last common column, without a gap. A column of such a
     * number was there before, too: the one that is gone had this number or a higher one.
     */
    private int run(@Nullable String lastCommon, List<ShapeColumn> columns) {
        if (present == null) {
            return 0;
        }
        int number = 0;
        if (lastCommon != null) {
            Optional<Attribute> last = present.attribute(lastCommon);
            if (last.isEmpty()) {
                return 0;
            }
            number = last.get().number();
        }
        int count = 0;
        for (ShapeColumn column : columns) {
            if (!isNumbered(column.name(), ++number)) {
                return count;
            }
            count++;
        }
        return count;
    }

    /**
     * Whether a column is the one of this number: by its name, or, where it has yet another name by now, because the number's
     * column is neither dropped nor one of the others.
     */
    private boolean isNumbered(String name, int number) {
        if (present == null) {
            return false;
        }
        Optional<Attribute> found = present.attribute(name);
        if (found.isPresent()) {
            return found.get().number() == number;
        }
        return present.attributes().stream()
                .filter(attribute -> attribute.number() == number && !attribute.dropped())
                .anyMatch(attribute -> after.column(attribute.name()).isEmpty());
    }
}
