package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Tables as a catalogue would show them, and plans made of them. */
final class SamplePlans {

    static final int BLOCK = 8192;
    static final PgType INT8 = new PgType(20, "pg_catalog", "int8", PgType.Kind.BASE, null, -1, ',');

    private static final String[] NAMES = {"orders", "Order \"Lines\"", "o'hara", "größe", "表", "back\\slash", "a.b"};

    private SamplePlans() {}

    static CapturedTable table(String name, @Nullable String rowFilter, List<String> columns, Leaf... leaves) {
        List<Column> captured = new ArrayList<>();
        for (String column : columns) {
            captured.add(new Column(column, INT8, -1, false, captured.isEmpty() ? 1 : 0));
        }
        return new CapturedTable(
                1, new TableId("public", name), ReplicaIdentity.DEFAULT, captured, rowFilter, List.of(leaves));
    }

    static CapturedTable table(String name, long blocks, long bytes) {
        return table(name, null, List.of("id"), new Leaf(1, new TableId("public", name), 2, blocks, bytes, false));
    }

    /** A table of its own OID. */
    static CapturedTable table(int oid, String name, long blocks, long bytes) {
        TableId id = new TableId("public", name);
        return new CapturedTable(
                oid,
                id,
                ReplicaIdentity.DEFAULT,
                List.of(new Column("id", INT8, -1, false, 1)),
                null,
                List.of(new Leaf(oid, id, oid, blocks, bytes, false)));
    }

    static CopyPlan random(Random random, int mostTables, long mostBlocks) {
        List<CapturedTable> tables = new ArrayList<>();
        for (int number = random.nextInt(mostTables) + 1; number > 0; number--) {
            String name = NAMES[random.nextInt(NAMES.length)] + number;
            Leaf[] leaves = new Leaf[1 + random.nextInt(3)];
            for (int leaf = 0; leaf < leaves.length; leaf++) {
                long blocks = random.nextInt(4) == 0 ? 0 : random.nextLong(mostBlocks);
                long toast = random.nextInt(3) == 0 ? blocks * BLOCK * random.nextInt(300) : 0;
                leaves[leaf] = new Leaf(
                        random.nextLong(1L << 32),
                        new TableId("schema " + number, name + "_" + leaf),
                        random.nextLong(1L << 32),
                        blocks,
                        blocks * BLOCK + toast,
                        false);
            }
            tables.add(table(name, null, List.of("id"), leaves));
        }
        return CopyPlan.of(tables, (1L + random.nextInt(1_000)) * BLOCK, BLOCK, 1);
    }
}
