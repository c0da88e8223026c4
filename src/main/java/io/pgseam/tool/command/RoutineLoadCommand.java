package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.LoadSettings;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgseam starrocks routine-load}, and that of Doris. */
@Command(
        name = "routine-load",
        description = {
            "Writes a CREATE ROUTINE LOAD for each captured table, from literal offsets that Kafka has.",
            "The statement names the topic's partitions: partitions that are added later are not read. Topics of pgseam must not get"
                    + " more partitions anyway, because keys would move."
        },
        exitCodeList = {
            "0:The statements are written.",
            "1:A captured table has no statement: it has no key, or no topic yet.",
            "2:The source or Kafka could not be asked, or Kafka no longer has the records."
        })
class RoutineLoadCommand extends LoadCommand {

    @Option(
            names = "--alter",
            description = "Write the statements that pause jobs that exist, move them to the offsets, and resume them.")
    private boolean alter;

    RoutineLoadCommand(Console console, Supplier<Dialect> dialect) {
        super(console, dialect);
    }

    @Override
    List<String> statements(TargetTable table, Dialect sql, TargetSettings settings, LoadSettings load) {
        return alter ? sql.move(table, settings, load) : sql.load(table, settings, load);
    }
}
