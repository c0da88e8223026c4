package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.capture.SetAside;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.source.CopyForecast;
import io.pgseam.tool.source.CopyForecast.ServerRoom;
import io.pgseam.tool.source.Forecaster;
import io.pgseam.tool.source.SourceSession;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgseam plan}. */
@Command(
        name = "plan",
        description =
                "Shows what a first copy will read and send: tables, sizes, chunks, tasks, messages and connections. Reads"
                        + " the catalogue and the planner's statistics; reads no row and changes nothing.",
        exitCodeList = {"0:The plan is shown.", "1:No table is captured.", "2:The source could not be asked."})
final class PlanCommand extends ToolCommand {

    private static final String TASKS_MAX = "tasks.max";

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    PlanCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        Map<String, String> props = configuration.read(console.in());
        PgSeamSettings settings = configuration.parse(props);
        CopyForecast forecast;
        try (SourceSession source = SourceSession.open(settings.connection(), "plan")) {
            forecast = source.ask(session -> new Forecaster(settings, session).forecast(tasksMax(props)));
        }
        if (output.json()) {
            writeJson(forecast);
        } else {
            writeText(forecast);
        }
        return forecast.tables().isEmpty() ? ExitStatus.NO : ExitStatus.OK;
    }

    private static int tasksMax(Map<String, String> props) {
        String text = props.getOrDefault(TASKS_MAX, "1").trim();
        try {
            int tasks = Integer.parseInt(text);
            if (tasks > 0) {
                return tasks;
            }
        } catch (NumberFormatException e) {
            // Reported below, in the words of the setting.
        }
        throw new CommandFailure("tasks.max is '" + text + "': set it to a whole number from 1");
    }

    private void writeSetAside(CopyForecast forecast) {
        for (SetAside table : forecast.setAside()) {
            console.line("Set aside:    " + table.table() + ", which is not captured: " + table.why()
                    + ". To capture it, " + table.remedy() + ".");
        }
    }

    private void writeText(CopyForecast forecast) {
        if (forecast.tables().isEmpty()) {
            writeSetAside(forecast);
            console.line(
                    "No table is captured: correct table.include.list, or the publication. pgseam check says more.");
            return;
        }
        TextTable table = new TextTable()
                .text("table")
                .figures("rows")
                .figures("size")
                .figures("messages")
                .figures("chunks")
                .text("key")
                .text("topic");
        for (CopyForecast.Table each : forecast.tables()) {
            String partitions = each.leaves() == 1 ? "" : " (" + Figures.count(each.leaves(), "partition") + ")";
            table.row(
                    each.id() + partitions,
                    estimate(each.rows(), false),
                    Figures.bytes(each.bytes()),
                    estimate(each.messageBytes(), true),
                    Figures.count(each.chunks()),
                    each.key().isEmpty() ? "none" : String.join(", ", each.key()),
                    each.topic());
        }
        table.row(
                Figures.count(forecast.tables().size(), "table"),
                estimate(forecast.rows(), false),
                Figures.bytes(forecast.bytes()),
                estimate(forecast.messageBytes(), true),
                Figures.count(forecast.chunks()),
                "",
                "");
        table.print(console);
        console.line("");
        writeSetAside(forecast);
        writeServer(forecast);
        if (forecast.rows().isEmpty()) {
            console.line("A ? is a table without statistics. ANALYZE it to see an estimate.");
        }
    }

    private void writeServer(CopyForecast forecast) {
        ServerRoom server = forecast.server();
        console.line(
                "Tasks:        " + forecast.tasks() + " while copying, 1 while streaming. A stride, one COPY, reads "
                        + Figures.bytes(forecast.strideBytes()) + ".");
        console.line("Connections:  " + forecast.copySessions() + " while copying, up to "
                + forecast.streamingSessions()
                + " while streaming. The server has " + server.usedConnections() + " of " + server.maxConnections()
                + " in use.");
        console.line("Slots:        "
                + (server.slotExists() ? "the connector's slot exists" : "1, and a second one for a moment")
                + ". The server has " + server.usedSlots() + " of " + server.maxSlots() + " in use.");
    }

    private static String estimate(OptionalLong value, boolean bytes) {
        if (value.isEmpty()) {
            return "?";
        }
        return "~" + (bytes ? Figures.bytes(value.getAsLong()) : Figures.count(value.getAsLong()));
    }

    private void writeJson(CopyForecast forecast) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        for (CopyForecast.Table each : forecast.tables()) {
            ObjectNode table = result.withArray("tables").addObject();
            table.put("schema", each.id().schema());
            table.put("table", each.id().name());
            table.put("topic", each.topic());
            table.put("relations", each.leaves());
            put(table, "estimated_rows", each.rows());
            table.put("bytes", each.bytes());
            put(table, "estimated_message_bytes", each.messageBytes());
            table.put("chunks", each.chunks());
            each.key().forEach(table.withArray("key")::add);
            table.put("replica_identity", each.identity().name().toLowerCase(Locale.ROOT));
        }
        result.withArray("tables");
        ArrayNode setAside = result.putArray("set_aside");
        forecast.setAside()
                .forEach(table -> setAside.addObject()
                        .put("schema", table.table().schema())
                        .put("table", table.table().name())
                        .put("reason", table.reason().code())
                        .put("detail", table.detail())
                        .put("remedy", table.remedy()));
        put(result, "estimated_rows", forecast.rows());
        result.put("bytes", forecast.bytes());
        put(result, "estimated_message_bytes", forecast.messageBytes());
        result.put("chunks", forecast.chunks());
        result.put("tasks", forecast.tasks());
        result.put("stride_bytes", forecast.strideBytes());
        result.putObject("connections")
                .put("copying", forecast.copySessions())
                .put("streaming", forecast.streamingSessions())
                .put("used", forecast.server().usedConnections())
                .put("max", forecast.server().maxConnections());
        result.putObject("slots")
                .put("exists", forecast.server().slotExists())
                .put("used", forecast.server().usedSlots())
                .put("max", forecast.server().maxSlots());
        console.json(result);
    }

    private static void put(ObjectNode node, String field, OptionalLong value) {
        if (value.isPresent()) {
            node.put(field, value.getAsLong());
        } else {
            node.putNull(field);
        }
    }
}
