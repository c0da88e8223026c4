package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.outcome.ExitStatus;
import java.util.ArrayList;
import java.util.List;

/** Statements and warnings on their way out: SQL to standard output, so that it can be piped, warnings to standard error. */
final class Statements {

    private record Of(String subject, List<String> sql) {}

    private final List<Of> tables = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** @param subject the table that they are of, or what else */
    void add(String subject, List<String> sql) {
        tables.add(new Of(subject, sql));
    }

    void warn(List<String> texts) {
        warnings.addAll(texts);
    }

    void skip(List<String> texts) {
        skipped.addAll(texts);
    }

    /** Writes everything; gives the exit status. */
    int write(Console console, boolean json) {
        if (json) {
            writeJson(console);
        } else {
            for (Of table : tables) {
                console.line("-- " + table.subject());
                table.sql().forEach(statement -> console.line(statement + ";\n"));
            }
            warnings.forEach(warning -> console.note(console.yellow("warning") + "  " + warning));
            skipped.forEach(text -> console.note(console.red("skipped") + "  " + text));
        }
        return skipped.isEmpty() ? ExitStatus.OK : ExitStatus.NO;
    }

    private void writeJson(Console console) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        for (Of table : tables) {
            ObjectNode node = result.withArray("statements").addObject().put("subject", table.subject());
            table.sql().forEach(node.withArray("sql")::add);
        }
        result.withArray("statements");
        warnings.forEach(result.withArray("warnings")::add);
        skipped.forEach(result.withArray("skipped")::add);
        console.json(result);
    }
}
