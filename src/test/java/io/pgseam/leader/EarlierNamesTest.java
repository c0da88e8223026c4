package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanState;
import io.pgseam.testing.CommittedOffsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EarlierNamesTest {

    private static final PlanState PLAN =
            new PlanState(1, Lsn.parse("0/1"), AnchorSnapshot.NONE, "", "{\"tables\":[]}", false);

    private final CommittedOffsets offsets = new CommittedOffsets();

    @Test
    void aConnectorThatAnEarlierReleaseBeganKeepsItsSlotAndItsPublication() {
        Map<String, Object> ofAnEarlierRelease = new HashMap<>(PLAN.toSourceOffset());
        ofAnEarlierRelease.remove("default_names");
        commit("Trx", ofAnEarlierRelease);
        PgSeamSettings settings = resolve("Trx");
        assertThat(settings.replication().slotName()).isEqualTo("pgseam_trx");
        assertThat(settings.replication().publicationName()).isEqualTo("pgseam_trx");
        assertThat(settings.replication().defaultSlotName())
                .as("it counts as the connector's own")
                .isEqualTo("pgseam_trx");
        assertThat(settings.replication().hasEarlierNames()).isTrue();
        assertThat(resolve("Trx", "slot.name", "mine").replication().slotName()).isEqualTo("mine");
        assertThat(resolve("Trx", "slot.name", "mine").replication().publicationName())
                .isEqualTo("pgseam_trx");
    }

    @Test
    void anyOtherConnectorHasNamesOfItsOwn() {
        commit("trx", PLAN.toSourceOffset());
        assertThat(resolve("Trx").replication().slotName())
                .as("nothing is committed")
                .matches("pgseam_trx_[0-9a-f]{10}");
        commit("Trx", PLAN.toSourceOffset());
        assertThat(resolve("Trx").replication().slotName())
                .as("it began with this release")
                .matches("pgseam_trx_[0-9a-f]{10}");
        assertThat(resolve("trx").replication().slotName()).isEqualTo("pgseam_trx");
    }

    private void commit(String prefix, Map<String, Object> plan) {
        offsets.commit(PlanState.sourcePartition(prefix), plan);
    }

    private PgSeamSettings resolve(String prefix, String... others) {
        Map<String, String> props = new HashMap<>(
                Map.of("database.hostname", "h", "database.user", "u", "database.dbname", "d", "topic.prefix", prefix));
        for (int i = 0; i < others.length; i += 2) {
            props.put(others[i], others[i + 1]);
        }
        return EarlierNames.resolve(PgSeamSettings.parse(props), new Ledger(prefix, offsets));
    }
}
