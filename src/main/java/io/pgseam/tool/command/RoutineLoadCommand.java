package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.target.RoutineLoad;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.List;
import java.util.Optional;
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
            "0:The statements are written, and with --apply they have run.",
            "1:A captured table has no statement: it has no key, or no topic yet.",
            "2:The source, Kafka or the target could not be asked, or Kafka no longer has the records."
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
    List<String> statements(
            LoadedTable loaded, Dialect sql, TopicOffsets offsets, Optional<Target> session, Statements statements) {
        TargetTable table = loaded.table();
        String name = sql.loadName(table);
        Optional<RoutineLoad> job = session.map(
                target -> RoutineLoad.all(target, loaded.settings().database()).get(name));
        if (!alter) {
            if (job.isPresent()) {
                statements.note(table.source() + ": job " + name + " exists and is "
                        + job.get().state() + ". It stays as it is; --alter moves it");
                return List.of();
            }
            return sql.load(table, loaded.settings(), loaded.load());
        }
        if (session.isPresent() && job.isEmpty()) {
            statements.skip(
                    List.of(table.source() + ": there is no job " + name + " to move: run this without --alter"));
            return List.of();
        }
        List<String> move = sql.move(table, loaded.settings(), loaded.load());
        // A job that is paused already refuses to be paused.
        return job.map(RoutineLoad::isPaused).orElse(false) ? move.subList(1, move.size()) : move;
    }
}
