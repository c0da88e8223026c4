package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.LoadSettings;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.StartOffsets;
import io.pgseam.tool.topic.StartOffsets.From;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the statements that load the tables, from offsets that Kafka is asked for. */
abstract class LoadCommand extends TargetCommand {

    @Mixin
    final KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--from",
            paramLabel = "beginning|seam|changes",
            description =
                    "Where loading begins: at the beginning of the topics (the default), at the first row that was copied for"
                            + " the newest seam, or behind the last copied row, for a table that has the rows already. The offsets are"
                            + " numbers, and Kafka has them, or the command fails.")
    From from = From.BEGINNING;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's brokers, as the target reaches them. By default those of --bootstrap-server.")
    @Nullable
    String brokers;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "How many consumers read a topic at once; not more than it has partitions. 3 by default.")
    int concurrency = 3;

    LoadCommand(Console console, Supplier<Dialect> dialect) {
        super(console, dialect);
    }

    /**
     * The statements of one table.
     *
     * @param offsets Kafka's offsets, for a target that takes its own from there
     * @param session where the statements will run; empty if they are only written
     */
    abstract List<String> statements(
            LoadedTable table, Dialect sql, TopicOffsets offsets, Optional<Target> session, Statements statements);

    /**
     * A table with what it is loaded from.
     *
     * @param table the table
     * @param settings how tables are made
     * @param load where it is loaded from
     */
    record LoadedTable(TargetTable table, TargetSettings settings, LoadSettings load) {

        /** The offset of each partition from which it is loaded. */
        Map<TopicPartition, Long> start() {
            return TopicOffsets.of(table.topic(), load.offsets());
        }
    }

    @Override
    void collect(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
            Optional<Target> session,
            Statements statements) {
        if (concurrency < 1) {
            throw new CommandFailure("--concurrency " + concurrency + ": give a number from 1");
        }
        Map<String, Object> clients = kafka.clientProperties();
        Optional<Seam> seam;
        try (ControlTopic control = new ControlTopic(clients, connector.topics().controlTopic())) {
            seam = control.read().seam();
        }
        if (seam.isPresent() && !seam.get().exact() && from != From.BEGINNING) {
            statements.warn(
                    List.of("the seam's offsets may leave out copied rows: load --from beginning to have them all"));
        }
        StartOffsets start = new StartOffsets(seam);
        try (TopicOffsets offsets = new TopicOffsets(clients)) {
            Map<String, Map<Integer, Extent>> extents =
                    offsets.extents(tables.stream().map(TargetTable::topic).toList());
            List<LoadedTable> loads = new ArrayList<>();
            for (TargetTable table : tables) {
                Map<Integer, Extent> extent = extents.getOrDefault(table.topic(), Map.of());
                if (extent.isEmpty()) {
                    statements.skip(List.of(
                            table.source() + ": topic " + table.topic() + " does not exist yet. Connect makes it with"
                                    + " the table's first row: run this again then, or make the topic with the partitions that"
                                    + " topic.creation.default.partitions says"));
                    continue;
                }
                LoadSettings load = new LoadSettings(
                        brokers == null ? kafka.brokers() : brokers,
                        start.of(table.topic(), extent, from),
                        concurrency,
                        sql.group(table, settings.database()));
                loads.add(new LoadedTable(table, settings, load));
            }
            // Once the offsets of all tables are known to be there.
            for (LoadedTable loaded : loads) {
                TargetTable table = loaded.table();
                statements.add(table.source().toString(), statements(loaded, sql, offsets, session, statements));
                statements.warn(sql.warnings(table, settings));
            }
        }
    }
}
