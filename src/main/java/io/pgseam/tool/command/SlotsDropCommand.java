package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.source.ReplicationObjects;
import io.pgseam.tool.source.ReplicationObjects.PublishedTables;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.source.SourceSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgseam slots drop}: the only command that changes something in the source database. */
@Command(
        name = "drop",
        description = {
            "Drops slots and publications of pgseam, after a question.",
            "A connector whose slot is dropped has to copy everything again. Stop or delete the connector first: a slot that a"
                    + " session uses is not dropped."
        },
        exitCodeList = {
            "0:Everything named was dropped.",
            "1:The question was answered with no, or there was nothing to drop.",
            "2:Nothing, or not everything, could be dropped."
        })
final class SlotsDropCommand extends ToolCommand {

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Parameters(
            index = "1..*",
            paramLabel = "NAME",
            description =
                    "Slots and publications that pgseam slots lists. By default the slot of the configuration, and its"
                            + " publication if the connector made it.")
    private List<String> names = List.of();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    SlotsDropCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() throws IOException {
        PgSeamSettings settings = configuration.settings(console.in());
        if (!yes && configuration.isStandardInput()) {
            throw new CommandFailure("the configuration comes from standard input, so that no answer can: add --yes");
        }
        try (SourceSession source = SourceSession.open(settings.connection(), "slots drop")) {
            return source.ask(session -> {
                ReplicationObjects objects = new ReplicationObjects(settings.replication(), session);
                List<Slot> slots = slots(objects.slots(), settings);
                List<PublishedTables> publications = publications(objects.publications(), settings);
                ensureAllFound(slots, publications);
                slots.forEach(SlotsDropCommand::ensureIdle);
                if (slots.isEmpty() && publications.isEmpty()) {
                    console.note("There is nothing to drop.");
                    return ExitStatus.NO;
                }
                if (!yes && !confirmed(slots, publications, settings)) {
                    return ExitStatus.NO;
                }
                for (Slot slot : slots) {
                    objects.dropSlot(slot.state().name());
                }
                for (PublishedTables publication : publications) {
                    objects.dropPublication(publication.publication().name());
                }
                write(slots, publications);
                return ExitStatus.OK;
            });
        }
    }

    private List<Slot> slots(List<Slot> all, PgSeamSettings settings) {
        return all.stream()
                .filter(slot -> names.isEmpty()
                        ? slot.state().name().equals(settings.replication().slotName())
                        : names.contains(slot.state().name()))
                .toList();
    }

    private List<PublishedTables> publications(List<PublishedTables> all, PgSeamSettings settings) {
        return all.stream()
                .filter(found -> names.isEmpty()
                        ? settings.replication()
                                .slotName()
                                .equals(found.publication().markedSlot())
                        : names.contains(found.publication().name()))
                .toList();
    }

    private void ensureAllFound(List<Slot> slots, List<PublishedTables> publications) {
        List<String> unknown = new ArrayList<>(names);
        slots.forEach(slot -> unknown.remove(slot.state().name()));
        publications.forEach(found -> unknown.remove(found.publication().name()));
        if (!unknown.isEmpty()) {
            throw new CommandFailure("pgseam has no slot and no publication " + String.join(", ", unknown)
                    + " in this database: pgseam slots lists them. Nothing was dropped");
        }
    }

    private static void ensureIdle(Slot slot) {
        SlotState state = slot.state();
        if (state.active()) {
            throw new CommandFailure("slot " + state.name() + " is in use by " + state.activeApplication() + " (PID "
                    + state.activePid() + "): stop or delete the connector first. Nothing was dropped");
        }
    }

    private boolean confirmed(List<Slot> slots, List<PublishedTables> publications, PgSeamSettings settings) {
        for (Slot slot : slots) {
            console.line("slot         " + slot.state().name() + ", which retains "
                    + Figures.bytes(slot.retainedBytes().orElse(0)) + " of WAL");
        }
        for (PublishedTables found : publications) {
            console.line(
                    "publication  " + found.publication().name() + " of " + Figures.count(found.tables(), "table"));
        }
        try {
            return console.confirms("Drop from " + settings.connection().target() + "?");
        } catch (IOException e) {
            throw new CommandFailure("cannot read the answer: " + e.getMessage(), e);
        }
    }

    private void write(List<Slot> slots, List<PublishedTables> publications) {
        if (output.json()) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            slots.forEach(
                    slot -> result.withArray("dropped_slots").add(slot.state().name()));
            publications.forEach(found -> result.withArray("dropped_publications")
                    .add(found.publication().name()));
            result.withArray("dropped_slots");
            result.withArray("dropped_publications");
            console.json(result);
            return;
        }
        slots.forEach(slot -> console.line("Dropped slot " + slot.state().name()));
        publications.forEach(found ->
                console.line("Dropped publication " + found.publication().name()));
    }
}
