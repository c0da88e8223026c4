package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgseam seam}. */
@Command(
        name = "seam",
        description = {
            "Shows the seam's offsets: for each partition where copied rows begin and end, and from which offset on it has changes"
                    + " only. A partition without copied rows has changes only.",
        },
        exitCodeList = {"0:The seam is shown.", "1:There is no seam yet.", "2:Kafka could not be asked."})
final class SeamCommand extends ToolCommand {

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    SeamCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        PgSeamSettings settings = configuration.settings(console.in());
        Map<String, Object> clients = kafka.clientProperties();
        Optional<Seam> found;
        try (ControlTopic control = new ControlTopic(clients, settings.topics().controlTopic())) {
            found = control.read().seam();
        }
        if (found.isEmpty()) {
            console.note("There is no seam on " + settings.topics().controlTopic()
                    + ": the copy is not complete. pgseam status shows how far it is, pgseam wait --seam waits for it");
            return ExitStatus.NO;
        }
        Seam seam = found.get();
        Map<String, Map<Integer, Extent>> extents;
        try (TopicOffsets offsets = new TopicOffsets(clients)) {
            extents = offsets.extents(seam.topics().keySet());
        }
        if (output.json()) {
            writeJson(seam, extents);
        } else {
            writeText(seam, extents);
        }
        return ExitStatus.OK;
    }

    private void writeText(Seam seam, Map<String, Map<Integer, Extent>> extents) {
        console.line(Figures.count(seam.rows(), "row") + " as of LSN " + seam.lsn() + " (anchor " + seam.generation()
                + "), slot " + seam.slot());
        if (!seam.exact()) {
            console.line(
                    "The offsets may leave out copied rows, because a task died between writing rows and noting where they"
                            + " are. __snapshot in the rows tells.");
        }
        TextTable table = new TextTable()
                .text("topic")
                .figures("partition")
                .figures("first copied")
                .figures("last copied")
                .figures("changes from")
                .figures("earliest")
                .figures("end");
        for (String topic : seam.topics().keySet()) {
            extents.getOrDefault(topic, Map.of()).forEach((partition, extent) -> {
                Optional<Seam.Partition> copied = seam.partition(topic, partition);
                table.row(
                        topic,
                        String.valueOf(partition),
                        copied.map(found -> String.valueOf(found.first())).orElse("-"),
                        copied.map(found -> String.valueOf(found.last())).orElse("-"),
                        String.valueOf(copied.map(Seam.Partition::changesFrom).orElse(0L)),
                        String.valueOf(extent.earliest()),
                        String.valueOf(extent.end()));
            });
        }
        table.print(console);
    }

    private void writeJson(Seam seam, Map<String, Map<Integer, Extent>> extents) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("generation", seam.generation());
        result.put("lsn", seam.lsn().toString());
        result.put("slot", seam.slot());
        result.put("rows", seam.rows());
        result.put("offsets_exact", seam.exact());
        ObjectNode topics = result.putObject("topics");
        for (String topic : seam.topics().keySet()) {
            ObjectNode partitions = topics.putObject(topic);
            extents.getOrDefault(topic, Map.of()).forEach((partition, extent) -> {
                ObjectNode node = partitions.putObject(String.valueOf(partition));
                Optional<Seam.Partition> copied = seam.partition(topic, partition);
                copied.ifPresent(found -> node.put("first", found.first()).put("last", found.last()));
                node.put("changes_from", copied.map(Seam.Partition::changesFrom).orElse(0L));
                node.put("earliest", extent.earliest());
                node.put("end", extent.end());
            });
        }
        console.json(result);
    }
}
