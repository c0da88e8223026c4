package io.pgseam.tool.verify;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.verify.Difference.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The comparison of one table with its table in a target, from the first reading to the last lookup. Not for several threads. */
public final class TargetComparison implements AutoCloseable {

    /** More than anybody corrects by hand: what is left is not looked at. */
    static final long MOST_DIFFERENCES = 10_000;

    private final ComparedTable table;
    private final Path workDirectory;
    private final int named;
    private final List<TargetDifference> differences = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private Suspects suspects;
    private long sourceRows;
    private long targetRows;
    private long lookedUp;
    private long missing;
    private long extra;
    private long different;
    private boolean altered;

    TargetComparison(ComparedTable table, Path workDirectory, int named) {
        this.table = table;
        this.workDirectory = workDirectory;
        this.named = named;
        this.suspects = newSuspects();
    }

    /** The table. */
    public ComparedTable table() {
        return table;
    }

    /** Rows that have not been found equal and not been found different. */
    public long open() {
        return altered ? 0 : suspects.count();
    }

    /** Whether more differences are found than anybody needs. */
    boolean isFull() {
        return missing + extra + different >= MOST_DIFFERENCES;
    }

    Suspects newSuspects() {
        return new Suspects(workDirectory, table.keys().size());
    }

    /** The rows that have to be looked up. */
    Suspects suspects() {
        return suspects;
    }

    /** Looked up are the rows that were open; these are left. */
    void continueWith(Suspects rest) {
        suspects.close();
        suspects = rest;
    }

    void suspect(RowKey key) {
        suspects.add(key, 0);
    }

    void read(long rowsOfSource, long rowsOfTarget) {
        sourceRows = rowsOfSource;
        targetRows = rowsOfTarget;
    }

    void lookedUp(long rows) {
        lookedUp += rows;
    }

    /** The source's columns are no longer what they were when the comparison began. */
    void altered() {
        altered = true;
        reasons.add("its columns were altered while it was compared: run the command again");
    }

    /** A row without a key. */
    void keyless(Kind kind, long rows) {
        missing += kind == Kind.MISSING ? rows : 0;
        extra += kind == Kind.EXTRA ? rows : 0;
        if (differences.size() < named) {
            differences.add(new TargetDifference(kind, null, List.of(), kind == Kind.MISSING ? 0 : rows));
        }
    }

    void missing(RowKey key) {
        missing++;
        note(Kind.MISSING, key, List.of(), 0);
    }

    void extra(RowKey key) {
        extra++;
        note(Kind.EXTRA, key, List.of(), 1);
    }

    void different(RowKey key, List<String> columns, long copies) {
        different++;
        note(Kind.DIFFERENT, key, columns, copies);
    }

    private void note(Kind kind, RowKey key, List<String> columns, long copies) {
        if (differences.size() < named) {
            differences.add(new TargetDifference(kind, ComparedRow.json(table, key), columns, copies));
        }
    }

    /** The result, when no more is looked up. */
    public TargetResult result() {
        Verdict verdict = missing + extra + different > 0 ? Verdict.DIFFERENT : Verdict.EQUAL;
        long left = altered ? 0 : suspects.count();
        if (!table.keyed() && verdict == Verdict.DIFFERENT) {
            verdict = keylessVerdict();
        }
        if (isFull() && left > 0) {
            reasons.add("not looked at any further after " + Figures.count(MOST_DIFFERENCES) + " differences: up to "
                    + Figures.count(left, "more row") + " may differ");
        } else if (left > 0) {
            verdict = verdict.and(Verdict.UNKNOWN);
            reasons.add(Figures.count(left, "row") + " changed whenever they were looked at" + firstOpen()
                    + ". Run the command again when there are fewer writes, or with more --rounds");
        }
        if (altered) {
            verdict = verdict.and(Verdict.UNKNOWN);
        }
        if (!table.absent().isEmpty()) {
            verdict = Verdict.DIFFERENT;
            reasons.add("the target has no column " + String.join(", ", new TreeSet<>(table.absent())) + ": pgseam "
                    + table.kind().scheme() + " migrate adds it");
        }
        return new TargetResult(
                table.source().id().toString(),
                table.database() + "." + table.name(),
                verdict,
                sourceRows,
                targetRows,
                lookedUp,
                missing,
                extra,
                different,
                isFull() ? 0 : left,
                table.columns(),
                differences,
                reasons);
    }

    private Verdict keylessVerdict() {
        if (missing == 0) {
            reasons.add("the table has no key, so that a row that was loaded twice cannot be told from two equal rows");
            return Verdict.UNKNOWN;
        }
        reasons.add("the table has no key, so that pgseam does not load it, nor knows how far its load is");
        return extra == 0 ? Verdict.UNKNOWN : Verdict.DIFFERENT;
    }

    private String firstOpen() {
        List<String> first = new ArrayList<>();
        suspects.read(named, batch -> {
            if (first.isEmpty()) {
                batch.forEach(suspect -> first.add(ComparedRow.json(table, suspect.key())));
            }
        });
        return first.isEmpty() ? "" : ": " + String.join(", ", first);
    }

    @Override
    public void close() {
        suspects.close();
    }
}
