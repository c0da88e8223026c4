package io.pgseam.snapshot;

import io.pgseam.pg.catalog.CapturedTable;
import java.util.ArrayList;
import java.util.List;

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
}
