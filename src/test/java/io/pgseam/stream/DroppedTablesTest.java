package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.JsonForm;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import io.pgseam.testing.CommittedOffsets;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class DroppedTablesTest {

    private static final Lsn DROPPED = new Lsn(1000);

    private final FakeCatalog catalog = new FakeCatalog();
    private final CommittedOffsets committed = new CommittedOffsets();

    @Test
    void tellsOfADroppedTableOnceWhenTheStreamIsPastIt() throws SQLException {
        catalog.put(1, "kept", "id");
        catalog.put(2, "gone", "id");
        DroppedTables watch = watch(1, 2);
        assertThat(told(watch.look())).isEmpty();
        assertThat(watch.awaited()).isNull();

        catalog.drop(2);
        catalog.setWalEnd(DROPPED);
        commit(999);
        assertThat(told(watch.look())).isEmpty();
        assertThat(watch.awaited()).isEqualTo(DROPPED);
        // A later look does not move the place.
        catalog.setWalEnd(new Lsn(2000));
        commit(1000);
        assertThat(told(watch.look())).containsExactly("t2 2 0/3E8 false");
        assertThat(told(watch.look())).isEmpty();
        assertThat(watch.awaited()).isNull();
    }

    @Test
    void missesNothingWhileTheTaskIsDownAndTellsNothingTwice() throws SQLException {
        catalog.setWalEnd(DROPPED);
        commit(1000);
        assertThat(told(watch(2).look())).containsExactly("t2 2 0/3E8 false");
        DroppedTables restarted = watch(2);
        assertThat(told(restarted.look())).isEmpty();
        // Gone through again.
        restarted.met(2, new TableId("public", "t2"));
        assertThat(told(restarted.look())).isEmpty();
    }

    @Test
    void tellsOfTablesThatOnlyTheStreamHasMet() throws SQLException {
        DroppedTables watch = watch();
        watch.met(3, new TableId("public", "t3"));
        commit(1000);
        assertThat(told(watch.look())).containsExactly("t3 3 0/0 false");
    }

    @Test
    void saysThatAnotherTableHasTheName() throws SQLException {
        catalog.put(9, "t2", "id");
        commit(1000);
        assertThat(told(watch(2).look())).containsExactly("t2 2 0/0 true");
    }

    @Test
    void tellsOfTablesThatANewerPlanLeavesOutBecauseTheyAreGone() throws SQLException {
        catalog.put(1, "kept", "id");
        catalog.put(4, "excluded", "id");
        catalog.setWalEnd(DROPPED);
        DroppedTables watch = watch(1);
        assertThat(told(watch.leftOut(plan(1, 2, 4)))).containsExactly("t2 2 0/3E8 false");
        assertThat(told(watch.leftOut(plan(1, 2, 4)))).isEmpty();
    }

    private void commit(long lsn) {
        committed.commit(
                StreamPosition.sourcePartition("shop"),
                StreamPosition.before(new Lsn(lsn), 1, 1).toSourceOffset());
    }

    private static CopyPlan plan(long... oids) {
        return new CopyPlan(Arrays.stream(oids)
                .mapToObj(oid -> {
                    TableId id = new TableId("public", "t" + oid);
                    PlannedTable table = new PlannedTable(oid, id, ReplicaIdentity.DEFAULT, List.of(), null, oid, "");
                    return new PlannedRelation(table, id, oid, oid, 1, 8192, 1, 1, false);
                })
                .toList());
    }

    private DroppedTables watch(long... planned) {
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        return new DroppedTables(
                catalog,
                new Ledger("shop", committed),
                new ControlRecords("shop", "shop.seam", JsonForm.BYTES, clock),
                "shop",
                table -> "shop." + table,
                new ShapeOffsets(),
                plan(planned),
                0,
                0);
    }

    /** The records, whose offsets are committed at once: table, OID, LSN, whether it is replaced. */
    private List<String> told(List<SourceRecord> records) {
        List<String> texts = new ArrayList<>();
        for (SourceRecord record : records) {
            committed.commit(record);
            String value = new String((byte[]) record.value(), StandardCharsets.UTF_8);
            texts.add(value.replaceAll(
                    ".*\"table\":\"(.*)\",\"oid\":(\\d+),.*\"lsn\":\"(.*)\",\"replaced\":(\\w+),.*", "$1 $2 $3 $4"));
        }
        return texts;
    }
}
