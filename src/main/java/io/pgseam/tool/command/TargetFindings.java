package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.verify.ColumnMatch;
import io.pgseam.tool.verify.ColumnMatch.Precision;
import io.pgseam.tool.verify.TargetDifference;
import io.pgseam.tool.verify.TargetResult;
import io.pgseam.tool.verify.Verdict;
import java.util.List;
import java.util.stream.Collectors;

/** Writes what {@code verify --target} has found. */
final class TargetFindings {

    private static final int LONGEST_KIND = 10;

    private final Console console;
    private final String connector;
    private final Target target;
    private final TargetVerification.Outcome outcome;

    TargetFindings(Console console, String connector, Target target, TargetVerification.Outcome outcome) {
        this.console = console;
        this.connector = connector;
        this.target = target;
        this.outcome = outcome;
    }

    void write(boolean json) {
        if (json) {
            writeJson();
        } else {
            writeText();
        }
    }

    private void writeText() {
        TextTable table = new TextTable()
                .text("table")
                .figures("rows")
                .figures("looked up")
                .figures("missing")
                .figures("extra")
                .figures("different")
                .text("");
        outcome.results()
                .forEach(result -> table.row(
                        result.table(),
                        Figures.count(result.sourceRows()),
                        Figures.count(result.lookedUp()),
                        Figures.count(result.missing()),
                        Figures.count(result.extra()),
                        Figures.count(result.different()),
                        VerdictWords.word(console, result.verdict())));
        table.print(console);
        console.line("");
        for (TargetResult result : outcome.results()) {
            result.reasons().forEach(reason -> console.line(result.table() + ": " + reason));
            result.differences().forEach(difference -> console.line(result.table() + ": " + line(difference)));
        }
        outcome.results().forEach(this::writeColumns);
        Verdict verdict = outcome.verdict();
        console.line("Verdict: "
                + switch (verdict) {
                    case EQUAL ->
                        "equal. " + target.name() + " has every row of the source, and no other, as of LSN "
                                + outcome.lsn() + " or, for rows that were looked up, a later one";
                    case DIFFERENT -> "DIFFERENT. " + target.name() + " does not have the rows of the source";
                    case UNKNOWN -> "not proved, see above";
                });
    }

    private static String line(TargetDifference difference) {
        String what = difference.kind().code();
        String text = what + " ".repeat(LONGEST_KIND - what.length());
        if (difference.key() == null) {
            return text + (difference.copies() > 1 ? difference.copies() + " equal rows" : "a row") + " without a key";
        }
        if (difference.copies() > 1) {
            return text + difference.key() + ": the target has it " + difference.copies() + " times";
        }
        return text
                + difference.key()
                + (difference.columns().isEmpty() ? "" : ": " + String.join(", ", difference.columns()));
    }

    /** Columns that are compared exactly are not named if all of a table are. */
    private void writeColumns(TargetResult result) {
        for (Precision precision : List.of(Precision.PARSED, Precision.LOSSY)) {
            String columns = result.columns().stream()
                    .filter(column -> column.precision() == precision)
                    .map(column -> column.column().name() + " (" + column.note() + ")")
                    .collect(Collectors.joining(", "));
            if (!columns.isEmpty()) {
                console.line(result.table()
                        + (precision == Precision.PARSED ? ": compared as parsed: " : ": LOSSY by type: ")
                        + columns);
            }
        }
    }

    private void writeJson() {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("connector", connector)
                .put("finished_ms", System.currentTimeMillis())
                .put("against", "target")
                .put("target", target.name())
                .put("verdict", outcome.verdict().code())
                .put("lsn", outcome.lsn().toString());
        ArrayNode tables = result.putArray("tables");
        for (TargetResult table : outcome.results()) {
            ObjectNode node = tables.addObject()
                    .put("table", table.table())
                    .put("target", table.target())
                    .put("verdict", table.verdict().code())
                    .put("rows", table.sourceRows())
                    .put("target_rows", table.targetRows())
                    .put("looked_up", table.lookedUp())
                    .put("missing", table.missing())
                    .put("extra", table.extra())
                    .put("different", table.different())
                    .put("moving", table.moving());
            table.reasons().forEach(node.putArray("reasons")::add);
            ArrayNode columns = node.putArray("columns");
            for (ColumnMatch column : table.columns()) {
                columns.addObject()
                        .put("column", column.column().name())
                        .put("source_type", column.column().sourceType())
                        .put("target_type", column.type().text())
                        .put("compared", column.precision().code())
                        .put("note", column.note());
            }
            ArrayNode differences = node.putArray("differences");
            for (TargetDifference difference : table.differences()) {
                ObjectNode one = differences
                        .addObject()
                        .put("kind", difference.kind().code())
                        .put("key", difference.key())
                        .put("target_rows", difference.copies());
                difference.columns().forEach(one.putArray("columns")::add);
            }
        }
        console.json(result);
    }
}
