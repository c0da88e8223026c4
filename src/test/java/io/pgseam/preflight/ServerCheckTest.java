package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.Fault;
import io.pgseam.pg.catalog.ServerState;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.session.ConnectionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What no server of the test matrix shows; the rest is in {@link PreflightIT}. */
final class ServerCheckTest {

    private final List<Fault> faults = new ArrayList<>();
    private final ServerCheck check = new ServerCheck(
            new ConnectionSettings("db", 5432, "shop", "seam", "secret", 1000, Map.of(), "pgseam orders"), faults::add);

    @Test
    void refusesServersOlderThan14() {
        assertThat(check.supports(server(130022, 20))).isFalse();
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.setting()).isEqualTo("database.hostname");
            assertThat(fault.message()).contains("PostgreSQL 13", "14 or later");
        });
        assertThat(check.supports(server(140000, 20))).isTrue();
    }

    @Test
    void aSlotThatTheConnectorItselfUsesIsNoFault() {
        check.slot(server(180000, 0), "s", slot("pgoutput", true, "pgseam orders stream"));
        assertThat(faults).isEmpty();
    }

    @Test
    void aConnectorWhoseNameBeginsTheSameIsAnother() {
        check.slot(server(180000, 20), "s", slot("pgoutput", true, "pgseam orders2 stream"));
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.setting()).isEqualTo("slot.name");
            assertThat(fault.message()).contains("process 4711", "'pgseam orders2 stream'");
        });
    }

    @Test
    void reportsAnInvalidatedSlot() {
        SlotState lost = new SlotState(
                "s", "pgoutput", "shop", false, false, null, null, null, null, "lost", "wal_removed", false, null);
        check.slot(server(180000, 20), "s", lost);
        assertThat(faults)
                .singleElement()
                .satisfies(
                        fault -> assertThat(fault.message()).contains("wal_removed", "pg_drop_replication_slot('s')"));
    }

    /** The address leads from the primary to its standby, which keeps a copy of the slot. */
    @Test
    void reportsACopyOfThePrimarysSlot() {
        SlotState copy = new SlotState(
                "s", "pgoutput", "shop", false, false, null, null, null, null, "reserved", null, true, null);
        check.slot(server(180000, 20), "s", copy);
        assertThat(faults)
                .singleElement()
                .satisfies(fault -> assertThat(fault.message())
                        .contains("a copy of its primary's slot", "give the primary", "another slot.name"));
    }

    private static ServerState server(int version, int maxWalSenders) {
        return new ServerState(version, false, "logical", 20, 3, maxWalSenders, 0, "seam", false, true, true);
    }

    private static SlotState slot(String plugin, boolean active, @Nullable String application) {
        return new SlotState(
                "s", plugin, "shop", false, active, 4711, application, null, null, "reserved", null, false, null);
    }
}
