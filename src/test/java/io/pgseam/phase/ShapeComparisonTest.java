package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import io.pgseam.phase.ShapeChange.ColumnAdded;
import io.pgseam.phase.ShapeHistory.Version;
import io.pgseam.phase.TableShape.ShapeColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShapeComparisonTest {

    private static final TableId ORDERS = new TableId("public", "orders");

    private static TableShape shape(String... columns) {
        List<ShapeColumn> shape = new ArrayList<>();
        for (String column : columns) {
            shape.add(new ShapeColumn(column, 25, -1, "text", false));
        }
        return new TableShape(ORDERS, ReplicaIdentity.DEFAULT, shape, List.of(columns[0]));
    }

    /** A name for each number from 1; null where the column was dropped. */
    private static PresentTable present(@Nullable String... columns) {
        List<Attribute> attributes = new ArrayList<>();
        for (String column : columns) {
            int number = attributes.size() + 1;
            String name = column == null ? "dropped " + number : column;
            attributes.add(new Attribute(number, name, column == null, 25, -1, false, 0, false, null, null));
        }
        return new PresentTable(1, ORDERS, ReplicaIdentity.DEFAULT, List.of(), attributes);
    }

    private static List<String> changes(TableShape before, TableShape after, @Nullable PresentTable present) {
        return ShapeComparison.compare(before, after, present).stream()
                .map(ShapeChange::toString)
                .toList();
    }

    @Test
    void findsNothingInWhatIsTheSame() {
        assertThat(changes(shape("id", "a"), shape("id", "a"), null)).isEmpty();
    }

    @Test
    void aStrangeNameInFrontOfAKnownOneIsAnOldColumnRenamed() {
        assertThat(changes(shape("id", "a", "b"), shape("id", "x", "b"), null))
                .containsExactly("column a renamed to x");
        assertThat(changes(shape("id", "a", "b", "c"), shape("id", "x", "y", "c", "z"), null))
                .containsExactly("column a renamed to x", "column b renamed to y", "column z added, text");
    }

    @Test
    void atTheEndTheNumbersTell() {
        assertThat(changes(shape("id", "a"), shape("id", "x"), present("id", "x")))
                .containsExactly("column a renamed to x");
        assertThat(changes(shape("id", "a"), shape("id", "x"), present("id", null, "x")))
                .containsExactly("column a dropped", "column x added, text");
        assertThat(changes(shape("id", "a"), shape("id", "x", "y"), present("id", "x", "y")))
                .containsExactly("column a renamed to x", "column y added, text");
        assertThat(changes(shape("id", "a"), shape("id", "x"), present("id", "renamed once more", "later")))
                .containsExactly("column a renamed to x");
        assertThat(changes(shape("id", "a"), shape("id", "x"), present("id", null, "renamed once more")))
                .containsExactly("column a dropped", "column x added, text");
        assertThat(changes(shape("id", "a"), shape("id", "x"), null))
                .containsExactly("column a dropped", "column x added, text");
    }

    @Test
    void aColumnThatIsDroppedAndAddedAgainIsAnother() {
        assertThat(changes(shape("id", "a", "b"), shape("id", "b", "a"), present("id", null, "b", "a")))
                .containsExactly("column a dropped", "column a added, text");
    }

    @Test
    void aRenamedKeyIsTheSameKey() {
        assertThat(changes(shape("id", "a"), shape("key", "a"), present("key", "a")))
                .containsExactly("column id renamed to key");
        TableShape other =
                new TableShape(ORDERS, ReplicaIdentity.FULL, shape("id", "a").columns(), List.of("a"));
        assertThat(changes(shape("id", "a"), other, null))
                .containsExactly("key is now [a], was [id]", "replica identity is now FULL, was DEFAULT");
    }

    @Test
    void tellsTypesAndNullability() {
        TableShape after = new TableShape(
                new TableId("public", "sales"),
                ReplicaIdentity.DEFAULT,
                List.of(
                        new ShapeColumn("id", 25, -1, "text", true),
                        new ShapeColumn("a", 1043, 14, "varchar(10)", false)),
                List.of("id"));
        assertThat(changes(shape("id", "a"), after, null))
                .containsExactly(
                        "was called public.orders",
                        "column id now NOT NULL",
                        "column a now of type varchar(10), was text");
    }

    @Test
    void tellsOfANewColumnWhatOlderRowsHave() {
        PresentTable present = new PresentTable(
                1,
                ORDERS,
                ReplicaIdentity.DEFAULT,
                List.of(),
                List.of(
                        new Attribute(1, "id", false, 25, -1, false, 1, false, null, null),
                        new Attribute(2, "plain", false, 25, -1, false, 0, false, null, null),
                        new Attribute(3, "fast", false, 25, -1, false, 0, false, "'x'::text", "x"),
                        new Attribute(4, "rewritten", false, 25, -1, false, 0, false, "random()::text", null),
                        new Attribute(5, "retyped", false, 23, -1, false, 0, false, null, null)));
        assertThat(ShapeComparison.compare(
                        shape("id"), shape("id", "plain", "fast", "rewritten", "retyped", "gone"), present))
                .extracting(change -> {
                    ColumnAdded added = (ColumnAdded) change;
                    return added.known() + " " + added.defaultExpression() + " "
                            + (added.existingKnown() ? added.existing() : "unknown");
                })
                .containsExactly(
                        "true null null",
                        "true 'x'::text x",
                        "true random()::text unknown",
                        "false null unknown",
                        "false null unknown");
    }

    private static ChangeId change(long commitLsn, long recordLsn) {
        return new ChangeId(new Lsn(commitLsn), new Lsn(recordLsn), 0);
    }

    @Test
    void readsAHistoryOfAnEarlierRelease() {
        String shape =
                "\"located\":true,\"schema\":\"public\",\"table\":\"t\",\"identity\":\"DEFAULT\",\"key\":[],\"columns\":[]";
        ShapeHistory history = ShapeHistory.fromSourceOffset(Map.of(
                "shapes", "[{\"lsn\":\"0/A\",\"seq\":0," + shape + "},{\"lsn\":\"0/14\",\"seq\":3," + shape + "}]"));
        Version first = history.versions().get(0);
        assertThat(history.at(change(10, 1))).isEqualTo(first);
        assertThat(history.at(change(20, 1)))
                .as("where in the transaction the later one begins is not known")
                .isEqualTo(first);
        assertThat(history.at(change(21, 1))).isEqualTo(history.last());
    }

    @Test
    void aHistoryIsReadAsItWasWritten() {
        ShapeHistory history = ShapeHistory.EMPTY
                .with(new Version(ChangeId.startOf(new Lsn(10)), 0, true, shape("id", "größe \"x\"")), Lsn.NONE)
                .with(new Version(change(20, 3), 8, false, shape("id")), Lsn.NONE);
        assertThat(ShapeHistory.fromSourceOffset(history.toSourceOffset())).isEqualTo(history);
        assertThat(ShapeHistory.fromSourceOffset(null)).isEqualTo(ShapeHistory.EMPTY);
        assertThat(history.locatedUpTo(change(20, 3)).last().located()).isTrue();
    }

    @Test
    void aHistoryKnowsWhatHeldWhere() {
        Version first = new Version(ChangeId.startOf(new Lsn(10)), 0, true, shape("id"));
        Version second = new Version(change(20, 3), 8, true, shape("id", "a"));
        ShapeHistory history = ShapeHistory.EMPTY.with(first, Lsn.NONE).with(second, Lsn.NONE);
        assertThat(history.at(change(9, 5))).isNull();
        assertThat(history.at(change(20, 2))).isEqualTo(first);
        assertThat(history.at(change(20, 3))).isEqualTo(second);
        assertThat(history.after(first)).isEqualTo(second);
        assertThat(history.after(second)).isNull();
    }

    @Test
    void aHistoryForgetsWhatIsNotReadAgain() {
        ShapeHistory history = ShapeHistory.EMPTY;
        for (int lsn = 10; lsn <= 50; lsn += 10) {
            history = history.with(
                    new Version(ChangeId.startOf(new Lsn(lsn)), 0, true, shape("id", "c" + lsn)), new Lsn(35));
        }
        assertThat(history.versions())
                .extracting(version -> version.first().commitLsn().value())
                .containsExactly(30L, 40L, 50L);
    }
}
