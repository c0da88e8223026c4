package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.LoadSettings;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.topic.TopicOffsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
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
            "0:The statements are written.",
            "1:A captured table has no statement: it has no key, or no topic yet.",
            "2:The source or Kafka could not be asked, Kafka no longer has the records, or a group has members."
        })
final class ClickHouseLoadCommand extends LoadCommand {

    @Option(
            names = "--commit-offsets",
            description = "Commit the offsets for the consumer groups. Each group has to be without members.")
    private boolean commit;

    ClickHouseLoadCommand(Console console) {
        super(console, ClickHouse::new);
    }

    @Override
    void before(TopicOffsets offsets, String group, Map<TopicPartition, Long> start) {
        if (commit) {
            offsets.commit(group, start);
        }
    }

    @Override
    List<String> statements(TargetTable table, Dialect sql, TargetSettings settings, LoadSettings load) {
        List<String> statements = new ArrayList<>(sql.load(table, settings, load));
        if (!commit) {
            console.note("The offsets of group " + load.group()
                    + " are not committed: run this with --commit-offsets before" + " ClickHouse runs the statements");
        }
        return statements;
    }
}
