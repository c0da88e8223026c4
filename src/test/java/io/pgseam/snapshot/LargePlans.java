package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Plans of tables of a hundred terabytes, as a catalogue would show them: only the sizes are made up. */
public final class LargePlans {

    private static final long BLOCKS_PER_CHUNK = 12_800;

    private LargePlans() {}

    /** A plan of ten tables that have as many chunks together, of 100 MB each. */
    public static CopyPlan ofChunks(long chunks) {
        List<CapturedTable> tables = new ArrayList<>();
        for (int number = 0; number < 10; number++) {
            long blocks = chunks / 10 * BLOCKS_PER_CHUNK;
            tables.add(SamplePlans.table(number + 1, "large_" + number, blocks, blocks * SamplePlans.BLOCK));
        }
        return CopyPlan.of(tables, BLOCKS_PER_CHUNK * SamplePlans.BLOCK, SamplePlans.BLOCK, 1);
    }

    /** A plan of empty tables whose names, and those of their columns, have nothing in common. */
    public static CopyPlan ofTables(int tables, int columns) {
        Random random = new Random(1);
        List<CapturedTable> all = new ArrayList<>();
        for (int number = 0; number < tables; number++) {
            int oid = 16_384 + 6 * number;
            TableId id = new TableId("public", name(random));
            List<Column> captured = new ArrayList<>();
            for (int column = 0; column < columns; column++) {
                captured.add(new Column(name(random), SamplePlans.INT8, -1, false, captured.isEmpty() ? 1 : 0));
            }
            Leaf leaf = new Leaf(oid, id, oid, 0, 0, false);
            all.add(new CapturedTable(oid, id, ReplicaIdentity.DEFAULT, captured, null, List.of(leaf)));
        }
        return CopyPlan.of(all, BLOCKS_PER_CHUNK * SamplePlans.BLOCK, SamplePlans.BLOCK, 1);
    }

    private static String name(Random random) {
        return Long.toUnsignedString(random.nextLong(), 36) + Long.toUnsignedString(random.nextLong(), 36);
    }
}
