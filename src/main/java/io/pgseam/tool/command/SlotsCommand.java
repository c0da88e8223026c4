package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.source.ReplicationObjects;
import io.pgseam.tool.source.ReplicationObjects.PublishedTables;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.source.SourceSession;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgseam slots}. */
@Command(
        name = "slots",
        description =
                "Lists the replication slots and publications of pgseam in the source database, and the WAL that each slot"
                        + " makes the server keep.",
        exitCodeList = {"0:The list is shown.", "1:A slot is invalidated.", "2:The source could not be asked."})
final class SlotsCommand extends ToolCommand {

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    SlotsCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        PgSeamSettings settings = configuration.settings(console.in());
        List<Slot> slots;
        List<PublishedTables> publications;
        try (SourceSession source = SourceSession.open(settings.connection(), "slots")) {
            slots = source.ask(session -> new ReplicationObjects(settings.replication(), session).slots());
            publications =
                    source.ask(session -> new ReplicationObjects(settings.replication(), session).publications());
        }
        if (output.json()) {
            writeJson(slots, publications);
        } else {
            writeText(slots, publications);
        }
        return slots.stream().anyMatch(slot -> slot.state().isInvalidated()) ? ExitStatus.NO : ExitStatus.OK;
    }

    private void writeText(List<Slot> slots, List<PublishedTables> publications) {
        TextTable slotTable = new TextTable()
                .text("slot")
                .text("in use by")
                .figures("retained WAL")
                .figures("not confirmed")
                .figures("left until lost")
                .text("WAL status")
                .text("confirmed LSN")
                .text("publication");
        for (Slot slot : slots) {
            SlotState state = slot.state();
            slotTable.row(
                    state.name() + (state.temporary() ? " (temporary)" : ""),
                    state.active() ? user(state) : "no session",
                    bytes(slot.retainedBytes()),
                    bytes(slot.lagBytes()),
                    slot.safeBytes().isPresent() ? bytes(slot.safeBytes()) : "no limit",
                    state.invalidation() != null ? "lost: " + state.invalidation() : text(state.walStatus()),
                    text(state.confirmedFlushLsn()),
                    slot.publication().orElse("-"));
        }
        TextTable publicationTable = new TextTable()
                .text("publication")
                .figures("tables")
                .text("made for slot")
                .text("partitions");
        for (PublishedTables found : publications) {
            Publication publication = found.publication();
            publicationTable.row(
                    publication.name(),
                    publication.allTables() ? "all" : Figures.count(found.tables()),
                    text(publication.markedSlot()),
                    publication.viaPartitionRoot() ? "as their table" : "as tables");
        }
        if (slotTable.isEmpty()) {
            console.line("No slot of pgseam in this database.");
        } else {
            slotTable.print(console);
        }
        console.line("");
        if (publicationTable.isEmpty()) {
            console.line("No publication of pgseam in this database.");
        } else {
            publicationTable.print(console);
        }
    }

    private static String user(SlotState state) {
        return text(state.activeApplication()) + " (PID " + state.activePid() + ")";
    }

    private static String bytes(OptionalLong bytes) {
        return bytes.isPresent() ? Figures.bytes(bytes.getAsLong()) : "-";
    }

    private static String text(@Nullable Object value) {
        return value == null ? "-" : value.toString();
    }

    private void writeJson(List<Slot> slots, List<PublishedTables> publications) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        for (Slot slot : slots) {
            SlotState state = slot.state();
            ObjectNode node = result.withArray("slots").addObject();
            node.put("name", state.name());
            node.put("temporary", state.temporary());
            node.put("active", state.active());
            node.put("active_pid", state.activePid());
            node.put("application", state.activeApplication());
            put(node, "retained_bytes", slot.retainedBytes());
            put(node, "not_confirmed_bytes", slot.lagBytes());
            put(node, "safe_bytes", slot.safeBytes());
            node.put("wal_status", state.walStatus());
            node.put("invalidation", state.invalidation());
            node.put("restart_lsn", lsn(state.restartLsn()));
            node.put("confirmed_lsn", lsn(state.confirmedFlushLsn()));
            node.put("publication", slot.publication().orElse(null));
        }
        result.withArray("slots");
        for (PublishedTables found : publications) {
            result.withArray("publications")
                    .addObject()
                    .put("name", found.publication().name())
                    .put("all_tables", found.publication().allTables())
                    .put("tables", found.tables())
                    .put("slot", found.publication().markedSlot())
                    .put("via_partition_root", found.publication().viaPartitionRoot());
        }
        result.withArray("publications");
        console.json(result);
    }

    private static void put(ObjectNode node, String field, OptionalLong value) {
        if (value.isPresent()) {
            node.put(field, value.getAsLong());
        } else {
            node.putNull(field);
        }
    }

    private static @Nullable String lsn(@Nullable Lsn lsn) {
        return lsn == null ? null : lsn.toString();
    }
}
