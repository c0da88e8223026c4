package io.pgseam.preflight;

import io.pgseam.capture.NameList;
import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelection;
import io.pgseam.capture.Unfitness;
import io.pgseam.config.CaptureFilter;
import io.pgseam.config.Fault;
import io.pgseam.config.UnfitTables;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Says what a selection of tables means for the person who asks: faults, or warnings. */
final class SelectionCheck {

    private final CaptureFilter capture;
    private final Consumer<Fault> faults;
    private final Consumer<String> warnings;

    SelectionCheck(CaptureFilter capture, Consumer<Fault> faults, Consumer<String> warnings) {
        this.capture = capture;
        this.faults = faults;
        this.warnings = warnings;
    }

    /** One reason, and where it is reported. */
    private record Group(Unfitness reason, String setting) implements Comparable<Group> {
        @Override
        public int compareTo(Group other) {
            int byReason = reason.compareTo(other.reason);
            return byReason != 0 ? byReason : setting.compareTo(other.setting);
        }
    }

    void report(TableSelection selection) {
        List<SetAside> setAside = selection.setAside();
        if (selection.captured().isEmpty() && setAside.isEmpty()) {
            faults.accept(new Fault(
                    CaptureFilter.TABLE_INCLUDE_LIST,
                    "no table of the database is selected: correct table.include.list,"
                            + " table.exclude.list, schema.include.list and schema.exclude.list (expressions match the whole of"
                            + " schema.table), or create the tables first"));
            return;
        }
        boolean refuseAll = capture.unfitTables() == UnfitTables.FAIL
                || selection.captured().isEmpty();
        List<SetAside> refused = setAside.stream()
                .filter(table -> refuseAll || table.spelledOut() || table.reason() == Unfitness.MASK)
                .toList();
        groups(refused)
                .forEach((group, tables) -> faults.accept(new Fault(group.setting(), text(group.reason(), tables))));
        List<SetAside> accepted =
                setAside.stream().filter(table -> !refused.contains(table)).toList();
        groups(accepted).forEach((group, tables) -> warnings.accept(text(group.reason(), tables)));
        selection.warnings().forEach(warnings);
    }

    private static Map<Group, List<SetAside>> groups(List<SetAside> tables) {
        Map<Group, List<SetAside>> groups = new TreeMap<>();
        tables.forEach(
                table -> groups.computeIfAbsent(new Group(table.reason(), table.setting()), unused -> new ArrayList<>())
                        .add(table));
        return groups;
    }

    private static String text(Unfitness reason, List<SetAside> tables) {
        List<String> remedies = new ArrayList<>(
                new LinkedHashSet<>(tables.stream().map(SetAside::remedy).toList()));
        String text = "tables that cannot be captured (" + reason.text() + "): "
                + NameList.of(tables, table -> table.table().quoted() + " (" + table.detail() + ")", ", ") + ". "
                + reason.consequence() + ". To capture them: " + NameList.of(remedies, remedy -> remedy, "; ")
                + ". Or leave them out";
        if (!NameList.isWhole(tables)) {
            text += ". The recommended values of table.exclude.list name them all"
                    + (reason.query() == null ? "" : ", and so does " + reason.query());
        }
        return text;
    }
}
