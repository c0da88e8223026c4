package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.UnchangedToastPolicy;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.dialect.TargetTables;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.source.TableDescriptions;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetColumns;
import io.pgseam.tool.verify.ComparedTable;
import io.pgseam.tool.verify.EqualTables;
import io.pgseam.tool.verify.EqualTables.Equal;
import io.pgseam.tool.verify.SourceSnapshot;
import io.pgseam.tool.verify.TargetCheck;
import io.pgseam.tool.verify.TargetComparison;
import io.pgseam.tool.verify.TargetResult;
import io.pgseam.tool.verify.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code verify --target}: compares the tables of a target with the source, at as many snapshots as that takes. */
final class TargetVerification {

    /** Waits until the target has what a snapshot shows. */
    @FunctionalInterface
    interface Arrival {

        /**
         * Waits.
         *
         * @throws CommandFailure if the target will not have it, or not in time
         */
        void await(Lsn lsn, ProgressLine progress);
    }

    /**
     * What was found.
     *
     * @param lsn the LSN of the first snapshot
     * @param results by table
     */
    record Outcome(Lsn lsn, List<TargetResult> results) {

        Verdict verdict() {
            return results.stream().map(TargetResult::verdict).reduce(Verdict.EQUAL, Verdict::and);
        }
    }

    private final PgSeamSettings settings;
    private final Target target;
    private final String database;
    private final Arrival arrival;
    private final EqualTables known;
    private final int rounds;
    private final Function<ProgressLine, TargetCheck> checks;

    /**
     * @param database the database in the target
     * @param rounds how many snapshots are compared at most
     * @param checks makes what compares tables
     */
    TargetVerification(
            PgSeamSettings settings,
            Target target,
            String database,
            Arrival arrival,
            EqualTables known,
            int rounds,
            Function<ProgressLine, TargetCheck> checks) {
        this.settings = settings;
        this.target = target;
        this.database = database;
        this.arrival = arrival;
        this.known = known;
        this.rounds = rounds;
        this.checks = checks;
    }

    /**
     * Compares tables.
     *
     * @param named as {@code schema.table}; empty for all
     */
    Outcome run(List<String> named, Console console) {
        if (settings.stream().unchangedToast() == UnchangedToastPolicy.PLACEHOLDER) {
            throw new CommandFailure("messages of updates have a placeholder for TOASTed values that did not change"
                    + " (toast.unchanged=placeholder), so that the target has it, too");
        }
        if (!settings.masks().isEmpty()) {
            throw new CommandFailure("columns are masked, and --target compares values as the source has them");
        }
        Map<String, TargetResult> results = new TreeMap<>();
        List<TargetComparison> open = new ArrayList<>();
        try (ProgressLine progress = new ProgressLine(console)) {
            TargetCheck check = checks.apply(progress);
            Lsn first = readAll(named, check, progress, results, open);
            for (int round = 1; round < rounds && open.stream().anyMatch(table -> table.open() > 0); round++) {
                try (SourceSnapshot source = SourceSnapshot.open(settings)) {
                    arrival.await(source.lsn(), progress);
                    for (TargetComparison comparison : open) {
                        if (comparison.open() > 0) {
                            check.lookUp(source, comparison);
                        }
                    }
                }
            }
            open.forEach(comparison -> keep(comparison.result(), first, results));
            return new Outcome(first, List.copyOf(results.values()));
        } finally {
            open.forEach(TargetComparison::close);
        }
    }

    private void keep(TargetResult result, Lsn lsn, Map<String, TargetResult> results) {
        results.put(result.table(), result);
        if (result.verdict() == Verdict.EQUAL) {
            known.add(result.table(), place(result.target()), new Equal(lsn, result.sourceRows()));
        }
    }

    private String place(String table) {
        return table + " of " + target.name();
    }

    /** Reads each table at both ends; those that are equal are done. */
    private Lsn readAll(
            List<String> named,
            TargetCheck check,
            ProgressLine progress,
            Map<String, TargetResult> results,
            List<TargetComparison> open) {
        try (SourceSnapshot source = SourceSnapshot.open(settings)) {
            List<CapturedTable> wanted = SourceVerification.named(source.tables(), named);
            arrival.await(source.lsn(), progress);
            TargetTables.Descriptions descriptions =
                    new CapturedTargets.Described(source.ask(session -> TableDescriptions.of(
                            session, wanted.stream().map(CapturedTable::oid).toList())));
            Map<String, TargetTable> made = made(source.tables(), descriptions);
            for (CapturedTable table : wanted) {
                TargetTable to = made.get(table.id().toString());
                String name = to == null ? TargetTables.legal(table.id().name()) : to.name();
                String qualified = database + "." + name;
                Equal before =
                        known.find(table.id().toString(), place(qualified)).orElse(null);
                if (before != null) {
                    results.put(table.id().toString(), before(table, qualified, before));
                    continue;
                }
                List<TargetColumn> columns = TargetTables.columns(table, descriptions);
                TargetResult obstacle = obstacle(table, to, columns, name);
                if (obstacle != null) {
                    results.put(obstacle.table(), obstacle);
                    continue;
                }
                TargetComparison comparison = check.read(
                        source,
                        ComparedTable.of(
                                table,
                                columns,
                                target.kind(),
                                database,
                                name,
                                TargetColumns.of(target, database, name)));
                if (comparison.open() == 0) {
                    keep(comparison.result(), source.lsn(), results);
                    comparison.close();
                } else {
                    open.add(comparison);
                }
            }
            return source.lsn();
        }
    }

    private static TargetResult before(CapturedTable table, String qualified, Equal before) {
        return new TargetResult(
                table.id().toString(),
                qualified,
                Verdict.EQUAL,
                before.rows(),
                before.rows(),
                0,
                0,
                0,
                0,
                0,
                List.of(),
                List.of(),
                List.of("found equal by an earlier run, as of LSN " + before.lsn()));
    }

    private Map<String, TargetTable> made(List<CapturedTable> captured, TargetTables.Descriptions descriptions) {
        Map<String, TargetTable> made = new HashMap<>();
        TargetTables.of(captured, table -> settings.topics().topicFor(table.id()), descriptions)
                .tables()
                .forEach(table -> made.put(table.source().toString(), table));
        return made;
    }

    /** Why a table cannot be compared; null if it can. */
    private @Nullable TargetResult obstacle(
            CapturedTable table, @Nullable TargetTable made, List<TargetColumn> columns, String name) {
        String id = table.id().toString();
        String qualified = database + "." + name;
        boolean keyed = columns.stream().anyMatch(TargetColumn::key);
        if (made == null && keyed) {
            return TargetResult.without(
                    id, qualified, Verdict.UNKNOWN, "several tables share its topic, and so its table in the target");
        }
        Map<String, String> found = TargetColumns.of(target, database, name);
        if (found.isEmpty()) {
            return keyed
                    ? TargetResult.without(
                            id,
                            qualified,
                            Verdict.DIFFERENT,
                            "there is no table " + qualified + ": pgseam "
                                    + target.kind().scheme() + " ddl makes it")
                    : TargetResult.without(
                            id,
                            qualified,
                            Verdict.UNKNOWN,
                            "the table has no key, so that pgseam does not load it, and there is no table "
                                    + qualified);
        }
        if (!found.containsKey("__lsn")) {
            return TargetResult.without(
                    id,
                    qualified,
                    Verdict.UNKNOWN,
                    "the table in the target has no column __lsn, by which it is known how new a row is");
        }
        if (columns.stream().anyMatch(column -> column.key() && !found.containsKey(column.name()))) {
            return TargetResult.without(
                    id, qualified, Verdict.DIFFERENT, "the table in the target does not have the columns of the key");
        }
        return null;
    }
}
