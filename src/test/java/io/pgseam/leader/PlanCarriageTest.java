package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanPart;
import io.pgseam.phase.PlanState;
import io.pgseam.record.JsonForm;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.LargePlans;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.PlanTask;
import io.pgseam.snapshot.StoredPlan;
import io.pgseam.task.TransactionBoundary;
import io.pgseam.testing.CommittedOffsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** Tasks write a long plan into the ledger before any task is configured by it. */
class PlanCarriageTest {

    private static final int CONFIG_RECORD = 1 << 20;

    private final CommittedOffsets committed = new CommittedOffsets();
    private final Ledger ledger = new Ledger("shop", committed);
    private final PlanReader plans = new PlanReader(ledger);
    private final LeaderHost host = new LeaderHost() {
        @Override
        public void requestTaskReconfiguration() {
            // The test takes the configurations itself.
        }

        @Override
        public void raiseError(Exception e) {
            throw new AssertionError(e);
        }
    };
    private final TaskAssignments tasks =
            new TaskAssignments("shop", "the source", host, new CountDownLatch(1), Duration.ZERO);

    private PlanCarriage carriage(int mostTasks) {
        return new PlanCarriage(Map.of("name", "shop"), mostTasks, ledger, plans, tasks);
    }

    private static HeldAnchor copy(StoredPlan stored, int generation, boolean added) {
        Anchor anchor = new Anchor(generation, Lsn.parse("0/" + generation));
        return new HeldAnchor(anchor, null, AnchorSnapshot.NONE, stored, CopyWatch.of(anchor, stored.plan(), 1), added);
    }

    /** Has the tasks work as Connect would, and commits what they send. Returns how many of them wrote something. */
    private int work(int mostTasks) throws InterruptedException {
        int writing = 0;
        List<Map<String, String>> configs = tasks.configs(mostTasks);
        assertThat(configs).hasSizeLessThanOrEqualTo(mostTasks);
        for (Map<String, String> config : configs) {
            assertThat(config.toString()).hasSizeLessThan(CONFIG_RECORD);
            if (TaskConfigs.writesPlan(config)) {
                writing++;
                PlanTask task = new PlanTask(
                        "shop",
                        TaskConfigs.planAssignment(config),
                        new CopyRecords(new ControlRecords("shop", "shop.seam", JsonForm.BYTES, Clock.systemUTC())),
                        new TransactionBoundary(null));
                for (SourceRecord record : task.poll()) {
                    assertThat(String.valueOf(record.sourceOffset())).hasSizeLessThan(CONFIG_RECORD);
                    committed.commit(record);
                }
                assertThat(task.poll()).as("nothing is sent twice").isNull();
            }
        }
        return writing;
    }

    private int carry(PlanCarriage carriage, HeldAnchor copy, int mostTasks) throws InterruptedException {
        int rounds = 0;
        while (!carriage.isDone(copy)) {
            assertThat(work(mostTasks)).isPositive();
            rounds++;
        }
        return rounds;
    }

    private void begin(StoredPlan stored, int generation) {
        committed.commit(
                PlanState.sourcePartition("shop"),
                new PlanState(generation, Lsn.parse("0/1"), AnchorSnapshot.NONE, "", stored.text(), false)
                        .toSourceOffset());
    }

    @Test
    void aShortPlanNeedsNoTask() throws InterruptedException {
        assertThat(carriage(2).isDone(copy(StoredPlan.of(LargePlans.ofTables(5, 5)), 1, false)))
                .isTrue();
    }

    @Test
    void whatIsCommittedIsTheWholePlan() throws InterruptedException {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(4_000, 20));
        int rounds = carry(carriage(1), copy(stored, 1, false), 1);
        assertThat(rounds).isGreaterThan(1);
        assertThat(plans.read(stored.text())).isEqualTo(stored.plan());
        assertThat(carry(carriage(1), copy(stored, 1, false), 1))
                .as("by the next leader")
                .isZero();
    }

    @Test
    void severalTasksWriteAtOnce() throws InterruptedException {
        StoredPlan stored = StoredPlan.of(LargePlans.ofTables(4_000, 20));
        assertThat(carry(carriage(8), copy(stored, 1, false), 8)).isEqualTo(1);
        assertThat(plans.read(stored.text())).isEqualTo(stored.plan());
    }

    @Test
    void theStreamContinuesBesideThem() throws InterruptedException {
        tasks.assign(maxTasks -> List.of(Map.of("pgseam.task.role", "stream")));
        HeldAnchor copy = copy(StoredPlan.of(LargePlans.ofTables(1_000, 20)), 2, true);
        PlanCarriage carriage = carriage(2);
        assertThat(carriage.isDone(copy)).isFalse();
        assertThat(tasks.configs(2)).hasSize(2);
        assertThat(tasks.configs(2).get(0)).containsEntry("pgseam.task.role", "stream");
        work(2);
        assertThat(carry(carriage, copy, 2)).isLessThanOrEqualTo(2);
    }

    /** Nothing that is in force is deleted, whatever was begun and given up. */
    @Test
    void whatNoPlanHasAnyMoreIsDeleted() throws InterruptedException {
        CopyPlan all = LargePlans.ofTables(3_000, 5);
        StoredPlan first = StoredPlan.of(new CopyPlan(all.relations().subList(0, 1_000)));
        StoredPlan givenUp = StoredPlan.of(new CopyPlan(all.relations().subList(1_000, 2_000)));
        StoredPlan next = StoredPlan.of(new CopyPlan(all.relations().subList(2_000, 3_000)));
        carry(carriage(1), copy(first, 1, false), 1);
        begin(first, 1);
        PlanCarriage interrupted = carriage(2);
        assertThat(interrupted.isDone(copy(givenUp, 2, false))).isFalse();
        work(2);
        carry(carriage(1), copy(next, 3, false), 1);
        assertThat(plans.read(first.text())).isEqualTo(first.plan());
        assertThat(new PlanReader(ledger).read(next.text())).isEqualTo(next.plan());
        List<String> left = new ArrayList<>(givenUp.parts().keySet());
        left.removeAll(next.parts().keySet());
        left.removeAll(first.parts().keySet());
        assertThat(ledger.planParts(left)).isEmpty();

        begin(next, 3);
        StoredPlan last = StoredPlan.of(new CopyPlan(all.relations().subList(2_000, 2_900)));
        carry(carriage(1), copy(last, 4, false), 1);
        assertThat(new PlanReader(ledger).read(next.text())).isEqualTo(next.plan());
        left = new ArrayList<>(first.parts().keySet());
        left.removeAll(next.parts().keySet());
        left.removeAll(last.parts().keySet());
        assertThat(ledger.planParts(left)).isEmpty();
        assertThat(ledger.storedPlans().split(",", -1))
                .contains(StoredPlan.indexOf(next.text()), StoredPlan.indexOf(last.text()));
        assertThat(committed.offset(PlanPart.sourcePartition("shop", StoredPlan.indexOf(first.text()))))
                .isNull();
    }
}
