package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import io.pgseam.testing.Seed;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanTooLargeTest {

    private final Random random = Seed.random(PlanTooLargeTest.class);

    @Test
    void refusesWhatDoesNotFitAndSaysHowMuchDoes() {
        assertThatCode(() -> PlanTooLargeException.check(plan(100))).doesNotThrowAnyException();
        assertThatThrownBy(() -> PlanTooLargeException.check(plan(10_000)))
                .isInstanceOf(PlanTooLargeException.class)
                .hasMessageContainingAll(
                        "10000 tables and partitions",
                        "a task's configuration holds 950 kB: about ",
                        "table.include.list");
    }

    /** Tables of 20 columns, with names that do not compress. */
    private CopyPlan plan(int tables) {
        return new CopyPlan(IntStream.range(0, tables).mapToObj(this::relation).toList());
    }

    private PlannedRelation relation(int number) {
        TableId id = new TableId("public", name());
        List<PlannedColumn> columns = IntStream.range(0, 20)
                .mapToObj(column -> new PlannedColumn(name(), 25, -1, false, column == 0 ? 1 : 0, column == 0))
                .toList();
        PlannedTable table = new PlannedTable(number, id, ReplicaIdentity.DEFAULT, columns, null, number, "");
        return new PlannedRelation(table, id, number, number, 1, 8192, 16, 1, false);
    }

    private String name() {
        return Long.toHexString(random.nextLong());
    }
}
