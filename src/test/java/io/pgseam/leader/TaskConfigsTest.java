package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.ChunkId;
import io.pgseam.snapshot.CopyAssignment;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import io.pgseam.snapshot.LargePlans;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.PlanTask;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import io.pgseam.snapshot.StoredPlan;
import io.pgseam.stream.StreamAssignment;
import io.pgseam.stream.StreamAssignment.Goal;
import io.pgseam.testing.CommittedOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskConfigsTest {

    private static final Anchor ANCHOR = new Anchor(3, Lsn.parse("16/B374D848"));
    private static final AnchorSnapshot SNAPSHOT =
            new AnchorSnapshot("00000003-0000001B-1", "9f86d081884c7d65", 1_790_000_000_123L);
    private static final Map<String, String> CONNECTOR =
            Map.of("topic.prefix", "shop", "name", "shop", "tasks.max", "9");

    private static final PlanReader PLANS = new PlanReader(new Ledger("shop", new CommittedOffsets()));

    private static CopyPlan plan(long blocks) {
        TableId orders = new TableId("public", "Order \"Lines\"");
        PlannedTable table = new PlannedTable(
                16_400,
                orders,
                ReplicaIdentity.DEFAULT,
                List.of(new PlannedColumn("id", 20, -1, true, 1, true)),
                null,
                16_400,
                "7.1 8.1");
        return new CopyPlan(
                List.of(new PlannedRelation(table, orders, 16_400, 16_401, blocks, blocks * 8192, 10, 1, false)));
    }

    @Test
    void givesEachCopyTaskItsShare() {
        CopyPlan plan = plan(95);
        List<Map<String, String>> configs = TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan), 4);
        assertThat(configs).hasSize(4);
        Set<ChunkId> dealt = new HashSet<>();
        for (int task = 0; task < 4; task++) {
            Map<String, String> config = configs.get(task);
            assertThat(config).containsAllEntriesOf(CONNECTOR);
            assertThat(TaskConfigs.isCopy(config)).isTrue();
            CopyAssignment assignment = TaskConfigs.copyAssignment(config, PLANS);
            assertThat(assignment).isEqualTo(new CopyAssignment(ANCHOR, SNAPSHOT, task, 4, plan));
            assignment
                    .plan()
                    .share(assignment.task(), assignment.tasks())
                    .forEach(chunk -> assertThat(dealt.add(chunk.id())).isTrue());
        }
        assertThat(dealt).hasSize((int) plan.chunks());
    }

    @Test
    void makesNoMoreTasksThanThereAreChunks() {
        assertThat(TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan(25)), 8))
                .hasSize(3);
        assertThat(TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan(0)), 8))
                .hasSize(1);
        assertThat(TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(CopyPlan.NOTHING), 8))
                .isEmpty();
    }

    @Test
    void hasTheStreamGoOnBesideTheCopyWhereThereAreTopicsAndATaskForIt() {
        CopyPlan plan = plan(95).goingOn(ANCHOR.generation(), Set.of("shop.public.other"), CopyPlan.NOTHING, 1);
        List<Map<String, String>> configs = TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan), 4);
        assertThat(configs).hasSize(4);
        assertThat(TaskConfigs.streamAssignment(configs.get(0), PLANS))
                .isEqualTo(new StreamAssignment(Goal.BESIDE_COPY, ANCHOR, SNAPSHOT, plan));
        for (int task = 0; task < 3; task++) {
            assertThat(TaskConfigs.copyAssignment(configs.get(task + 1), PLANS))
                    .isEqualTo(new CopyAssignment(ANCHOR, SNAPSHOT, task, 3, plan));
        }
        List<Map<String, String>> single = TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan), 1);
        assertThat(single).hasSize(1);
        assertThat(TaskConfigs.isCopy(single.get(0))).isTrue();
    }

    @Test
    void makesTheSameOfTheSameWhoeverLeads() {
        Map<String, String> otherOrder = new LinkedHashMap<>();
        CONNECTOR.keySet().stream().sorted().forEach(name -> otherOrder.put(name, CONNECTOR.get(name)));
        // As text: what is equal but written in another order would be another configuration to whoever reads the
        // topic.
        assertThat(TaskConfigs.copy(otherOrder, ANCHOR, SNAPSHOT, StoredPlan.of(plan(95)), 4)
                        .toString())
                .isEqualTo(TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan(95)), 4)
                        .toString());
        StreamAssignment stream = new StreamAssignment(Goal.STREAM, ANCHOR, AnchorSnapshot.NONE, plan(95));
        assertThat(TaskConfigs.stream(otherOrder, stream, "plan").toString())
                .isEqualTo(TaskConfigs.stream(CONNECTOR, stream, "plan").toString());
    }

    @Test
    void givesOneTaskTheStream() {
        for (Goal goal : Goal.values()) {
            StreamAssignment assignment = goal == Goal.CATCH_UP
                    ? new StreamAssignment(goal, ANCHOR, SNAPSHOT, plan(7))
                    : new StreamAssignment(goal, ANCHOR, AnchorSnapshot.NONE, plan(7));
            List<Map<String, String>> configs = TaskConfigs.stream(
                    CONNECTOR, assignment, StoredPlan.of(plan(7)).text());
            assertThat(configs).hasSize(1);
            assertThat(TaskConfigs.isCopy(configs.get(0))).isFalse();
            assertThat(configs.get(0)).containsAllEntriesOf(CONNECTOR);
            assertThat(TaskConfigs.streamAssignment(configs.get(0), PLANS)).isEqualTo(assignment);
        }
    }

    /** Issue: 20,000 tables of 20 columns with names that do not compress. */
    @Test
    void aPlanOfTwentyThousandTablesIsInNoConfiguration() {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(20_000, 20));
        for (Map<String, String> config : TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, stored, 4)) {
            assertThat(config.toString()).hasSizeLessThan(10_000);
        }
        StreamAssignment stream = new StreamAssignment(Goal.STREAM, ANCHOR, AnchorSnapshot.NONE, stored.plan());
        assertThat(TaskConfigs.stream(CONNECTOR, stream, stored.text()).toString())
                .hasSizeLessThan(10_000);
    }

    /** Or Connect would restart the tasks of a copy that is under way. */
    @Test
    void handsALongPlanOfAnEarlierReleaseOnAsItIs() {
        CopyPlan plan = LargePlans.ofTables(500, 20);
        String text = CopyPlanCodec.encode(plan);
        assertThat(text.length()).isGreaterThan(8_000);
        Map<String, String> config = TaskConfigs.copy(
                        CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.known(PLANS.read(text), text), 4)
                .get(1);
        assertThat(config).containsEntry("pgseam.task.plan", text);
        assertThat(TaskConfigs.copyAssignment(config, PLANS))
                .isEqualTo(new CopyAssignment(ANCHOR, SNAPSHOT, 1, 4, plan));
    }

    @Test
    void givesATaskPartsOfAPlanToWrite() {
        PlanTask.Assignment assignment =
                new PlanTask.Assignment(ANCHOR, "a1,b2", Map.of("c3", "[\"d4\"]", "d4", "gzip:x"), List.of("e5", "f6"));
        Map<String, String> config =
                TaskConfigs.plan(CONNECTOR, List.of(assignment)).get(0);
        assertThat(config).containsAllEntriesOf(CONNECTOR);
        assertThat(TaskConfigs.writesPlan(config)).isTrue();
        assertThat(TaskConfigs.isCopy(config)).isFalse();
        assertThat(TaskConfigs.role(config)).isEqualTo("plan-0");
        assertThat(TaskConfigs.planAssignment(config)).isEqualTo(assignment);
    }

    @Test
    void namesWhatAConfigurationLacks() {
        Map<String, String> config =
                new HashMap<>(TaskConfigs.copy(CONNECTOR, ANCHOR, SNAPSHOT, StoredPlan.of(plan(7)), 1)
                        .get(0));
        config.remove("pgseam.task.snapshot");
        assertThatThrownBy(() -> TaskConfigs.copyAssignment(config, PLANS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pgseam.task.snapshot");
        assertThatThrownBy(() -> TaskConfigs.streamAssignment(CONNECTOR, PLANS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pgseam.task.role");
    }
}
