package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.LoadSettings;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.StartOffsets;
import io.pgseam.tool.topic.StartOffsets.From;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

    /** The statements of one table. */
    abstract List<String> statements(TargetTable table, Dialect sql, TargetSettings settings, LoadSettings load);

    /** Called before anything is written, with the offsets of each table's consumer group. */
    void before(TopicOffsets offsets, String group, Map<TopicPartition, Long> start) {}

    @Override
    void write(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
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
            Map<TargetTable, LoadSettings> loads = new HashMap<>();
            for (TargetTable table : tables) {
                Map<Integer, Extent> extent = extents.getOrDefault(table.topic(), Map.of());
                if (extent.isEmpty()) {
                    statements.skip(List.of(
                            table.source() + ": topic " + table.topic() + " does not exist yet. Connect makes it with"
                                    + " the table's first row: run this again then, or make the topic with the partitions that"
                                    + " topic.creation.default.partitions says"));
                    continue;
                }
                loads.put(
                        table,
                        new LoadSettings(
                                brokers == null ? kafka.brokers() : brokers,
                                start.of(table.topic(), extent, from),
                                concurrency,
                                group(table, sql, settings)));
            }
            for (TargetTable table : tables) {
                LoadSettings load = loads.get(table);
                if (load != null) {
                    before(offsets, load.group(), startOf(table, load));
                    statements.add(table.source().toString(), statements(table, sql, settings, load));
                    statements.warn(sql.warnings(table, settings));
                }
            }
        }
    }

    private static Map<TopicPartition, Long> startOf(TargetTable table, LoadSettings load) {
        Map<TopicPartition, Long> start = new HashMap<>();
        load.offsets().forEach((partition, offset) -> start.put(new TopicPartition(table.topic(), partition), offset));
        return start;
    }

    private static String group(TargetTable table, Dialect sql, TargetSettings settings) {
        return sql.name().toLowerCase(Locale.ROOT) + "-" + settings.database() + "-" + sql.loadName(table);
    }
}
