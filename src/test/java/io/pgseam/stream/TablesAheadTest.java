package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.catalog.PresentTables;
import io.pgseam.phase.ShapeHistory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The first change of each of many tables needs no look at the catalogue, and no question to the ledger, for each. */
class TablesAheadTest {

    private static final int TABLES = 10_000;

    private final List<Long> oids =
            LongStream.range(20_000, 20_000 + TABLES).boxed().toList();
    private final FakeCatalog catalog = new FakeCatalog();
    private final TablesAhead tables = new TablesAhead(catalog, oids);

    TablesAheadTest() {
        oids.forEach(oid -> catalog.put(oid, "t" + oid, "id", "note"));
    }

    @Test
    void changesThatCameBeforeTheLookNeedALookForEachThousand() throws Exception {
        for (long oid : oids) {
            assertThat(tables.table(oid, 700).orElseThrow().id().name()).isEqualTo("t" + oid);
        }
        assertThat(catalog.looks()).isEqualTo(10);
    }

    @Test
    void itDoesNotMatterInWhichOrderTheyCome() throws Exception {
        List<Long> shuffled = new ArrayList<>(oids);
        Collections.shuffle(shuffled, new Random(1));
        for (long oid : shuffled) {
            assertThat(tables.table(oid, 700)).isPresent();
        }
        assertThat(catalog.looks()).isLessThanOrEqualTo(50);
    }

    @Test
    void aTransactionThatALookDoesNotShowIsLookedForAgain() throws Exception {
        catalog.showTransactionsBefore(700);
        tables.table(20_000, 699);
        catalog.put(20_001, "renamed", "id", "note");
        assertThat(tables.table(20_001, 700).orElseThrow().id().name()).isEqualTo("renamed");
        assertThat(catalog.looks()).isEqualTo(2);
    }

    @Test
    void loneChangesCostSmallLooks() throws Exception {
        for (int i = 0; i < 100; i++) {
            catalog.showTransactionsBefore(700 + i);
            tables.table(oids.get(i * 7), 700 + i);
        }
        assertThat(catalog.looked() - Neighbours.MOST).isLessThanOrEqualTo(2 * 100);
    }

    @Test
    void aTableThatIsGoneIsGone() throws Exception {
        assertThat(new TablesAhead(catalog, List.of(1L)).table(2, 700)).isEmpty();
        TablesAhead two = new TablesAhead(catalog, List.of(20_000L, 1L));
        assertThat(two.table(20_000, 700)).isPresent();
        assertThat(two.table(1, 700)).as("as the look at both has shown").isEmpty();
        assertThat(catalog.looks()).isEqualTo(2);
    }

    @Test
    void transactionIdsWrapAround() {
        PresentTables look = PresentTables.of("4294967290:4294967300:4294967295,4294967298", Map.of());
        assertThat(look.shows(4294967294L)).isTrue();
        assertThat(look.shows(4294967295L)).as("was running").isFalse();
        assertThat(look.shows(1)).isTrue();
        assertThat(look.shows(2)).as("was running").isFalse();
        assertThat(look.shows(4)).as("began later").isFalse();
    }

    @Test
    void theLedgerIsAskedForAThousandAtATime() {
        List<Integer> questions = new ArrayList<>();
        HistoriesAhead histories = new HistoriesAhead(oids, asked -> {
            questions.add(asked.size());
            return committed(asked);
        });
        List<Long> shuffled = new ArrayList<>(oids);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.forEach(oid ->
                assertThat(histories.apply(oid)).isEqualTo(catalog.ledger().get(oid)));
        assertThat(questions).hasSizeLessThanOrEqualTo(20).allMatch(size -> size <= Neighbours.MOST);
        assertThat(histories.apply(1))
                .as("not in the plan, and nothing is committed")
                .isEqualTo(ShapeHistory.EMPTY);
    }

    private Map<Long, ShapeHistory> committed(Collection<Long> asked) {
        Map<Long, ShapeHistory> found = new HashMap<>(catalog.ledger());
        found.keySet().retainAll(asked);
        return found;
    }
}
