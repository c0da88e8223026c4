package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgseam clickhouse load}. */
@Command(
        name = "load",
        description = {
            "Writes a Kafka table and a materialized view for each captured table.",
            "ClickHouse takes its offsets from the consumer group, and SQL cannot say them: --commit-offsets commits them to Kafka,"
                    + " before ClickHouse runs the statements. Without it a new group begins at the end of the topics."
        },
        exitCodeList = {
            "0:The statements are written, and with --apply they have run.",
            "1:A captured table has no statement: it has no key, or no topic yet.",
            "2:The source, Kafka or the target could not be asked, Kafka no longer has the records, or a group has members."
        })
final class ClickHouseLoadCommand extends LoadCommand {

    @Option(
            names = "--commit-offsets",
            description =
                    "Commit the offsets for the consumer groups. Each group has to be without members. --apply does it for each"
                            + " queue that it makes.")
    private boolean commit;

    ClickHouseLoadCommand(Console console) {
        super(console, ClickHouse::new);
    }

    @Override
    List<String> statements(
            LoadedTable loaded, Dialect sql, TopicOffsets offsets, Optional<Target> session, Statements statements) {
        String group = loaded.load().group();
        if (session.isPresent() && hasQueue(session.get(), loaded)) {
            statements.note(loaded.table().source() + ": the queue exists. The offsets of group " + group
                    + " stay as they are");
        } else if (commit || session.isPresent()) {
            offsets.commit(group, loaded.start());
        } else {
            statements.note("The offsets of group " + group
                    + " are not committed: run this with --commit-offsets before ClickHouse runs the statements");
        }
        return sql.load(loaded.table(), loaded.settings(), loaded.load());
    }

    /** A queue that exists reads already, or has read. */
    private static boolean hasQueue(Target target, LoadedTable loaded) {
        return target.rows("EXISTS TABLE " + ClickHouse.queue(loaded.table(), loaded.settings())).stream()
                .anyMatch(row -> "1".equals(row.get(0)));
    }
}
