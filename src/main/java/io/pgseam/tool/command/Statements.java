package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.target.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements and warnings on their way out: SQL to standard output, so that it can be piped, warnings to standard error. */
final class Statements {

    private record Of(String subject, List<String> sql, Runnable after) {}

    private final List<Of> tables = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** @param subject the table that they are of, or what else */
    void add(String subject, List<String> sql) {
        add(subject, sql, () -> {});
    }

    /** @param after what is done once they have run; not called if they are only written */
    void add(String subject, List<String> sql, Runnable after) {
        if (!sql.isEmpty()) {
            tables.add(new Of(subject, List.copyOf(sql), after));
        }
    }

    void warn(List<String> texts) {
        warnings.addAll(texts);
    }

    /** What is as it should be already, or done without SQL. */
    void note(String text) {
        notes.add(text);
    }

    void skip(List<String> texts) {
        skipped.addAll(texts);
    }

    /**
     * Writes everything, and runs each statement as soon as it is written.
     *
     * @param target where to run them; empty to write them only
     * @return the exit status
     * @throws CommandFailure if the target refuses a statement; those before it have run
     */
    int write(Console console, boolean json, Optional<Target> target) {
        if (!json) {
            warnings.forEach(warning -> console.note(console.yellow("warning") + "  " + warning));
        }
        int ran = 0;
        for (Of table : tables) {
            if (!json) {
                console.line("-- " + table.subject());
            }
            for (String statement : table.sql()) {
                if (!json) {
                    console.line(statement + ";\n");
                }
                if (target.isPresent()) {
                    run(target.get(), statement, ran);
                    ran++;
                }
            }
            if (target.isPresent()) {
                table.after().run();
            }
        }
        if (json) {
            writeJson(console, target, ran);
        } else {
            notes.forEach(text -> console.note(console.faint("note") + "     " + text));
            skipped.forEach(text -> console.note(console.red("skipped") + "  " + text));
            int count = ran;
            target.ifPresent(
                    database -> console.note("Ran " + Figures.count(count, "statement") + " in " + database.name()));
        }
        return skipped.isEmpty() ? ExitStatus.OK : ExitStatus.NO;
    }

    private static void run(Target target, String statement, int ran) {
        try {
            target.execute(statement);
        } catch (CommandFailure e) {
            throw new CommandFailure(
                    e.getMessage() + "\n" + Figures.count(ran, "statement")
                            + " before it took effect. Remove the cause and run the command again: it leaves what"
                            + " exists as it is",
                    e);
        }
    }

    private void writeJson(Console console, Optional<Target> target, int ran) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        for (Of table : tables) {
            ObjectNode node = result.withArray("statements").addObject().put("subject", table.subject());
            table.sql().forEach(node.withArray("sql")::add);
        }
        result.withArray("statements");
        target.ifPresent(database -> result.put("target", database.name()).put("statements_run", ran));
        warnings.forEach(result.withArray("warnings")::add);
        notes.forEach(result.withArray("notes")::add);
        skipped.forEach(result.withArray("skipped")::add);
        console.json(result);
    }
}
