package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.record.CollectedChanges;
import io.pgseam.record.RowOperation;
import io.pgseam.record.SkippedChanges;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes that are left out by {@code skipped.operations} or {@code skip.messages.without.change}. */
class FlatTableRecordsTest {

    private static final String ONE = "{\"id\":1} ";
    private static final String TWO = "{\"id\":2} ";

    private static List<String> changes(boolean keyed, RowOperation... skipped) {
        CollectedChanges changes = new CollectedChanges();
        FlatTableRecords records = records(keyed, new SkippedChanges(Set.of(skipped), false));
        records.insert(row("1a"), changes);
        records.update(row("1a"), true, row("1b"), changes);
        records.update(row("1b"), true, row("2b"), changes);
        records.delete(row("2b"), true, changes);
        return changes.records();
    }

    private static FlatTableRecords records(boolean keyed, SkippedChanges skipped) {
        List<Column> columns = List.of(
                new Column("id", SampleTypes.INT4, -1, true, keyed ? 1 : 0),
                new Column("v", SampleTypes.TEXT, -1, false, 0));
        return new FlatTableRecords(
                new TableId("public", "t"),
                "topic",
                columns,
                new FlatSettings(Set.of(), UnrepresentablePolicy.FAIL, null, false, skipped),
                true,
                false,
                new UnrepresentableValues(Clock.systemUTC()));
    }

    /** A row of two fields of one character each. */
    private static TextRow row(String values) {
        TextRow row = new TextRow();
        row.reset(values.getBytes(StandardCharsets.UTF_8));
        row.addValue(0, 1);
        row.addValue(1, 1);
        return row;
    }

    private static String value(int id, char v) {
        return "{\"id\":" + id + ",\"v\":\"" + v + "\"}";
    }

    @Test
    void insertsUpdatesAndDeletesAreLeftOutEachByItself() {
        String inserted = ONE + value(1, 'a');
        String updated = ONE + value(1, 'b');
        String moved = TWO + value(2, 'b');
        List<String> movedFrom = List.of(updated, ONE);
        List<String> deleted = List.of(moved, TWO);
        assertThat(changes(true)).containsExactly(inserted, updated, movedFrom.get(0), ONE, moved, deleted.get(0), TWO);
        assertThat(changes(true, RowOperation.CREATE)).containsExactly(updated, updated, ONE, moved, TWO);
        assertThat(changes(true, RowOperation.UPDATE)).containsExactly(inserted, updated, ONE, moved, moved, TWO);
        assertThat(changes(true, RowOperation.DELETE)).containsExactly(inserted, updated, moved);
        assertThat(changes(true, RowOperation.values())).isEmpty();
    }

    @Test
    void anUpdateOfARowWithoutAKeyIsLeftOutAsAWhole() {
        String one = " " + value(1, 'a');
        String two = " " + value(1, 'b');
        String three = " " + value(2, 'b');
        assertThat(changes(false)).containsExactly(one, one, two, two, three, three);
        assertThat(changes(false, RowOperation.UPDATE)).containsExactly(one, three);
        assertThat(changes(false, RowOperation.DELETE)).containsExactly(one, one, two, two, three);
    }

    @Test
    void anUpdateThatChangesNothingIsLeftOutIfTheWholeOldRowIsKnown() {
        SkippedChanges unchanged = new SkippedChanges(Set.of(), true);
        for (boolean keyed : List.of(true, false)) {
            CollectedChanges changes = new CollectedChanges();
            FlatTableRecords records = records(keyed, unchanged);
            records.update(row("1a"), true, row("1a"), changes);
            assertThat(changes.records()).isEmpty();
            records.update(row("1a"), false, row("1a"), changes);
            records.update(null, false, row("1a"), changes);
            assertThat(changes.records()).hasSize(2);
            records.update(row("1a"), true, row("1b"), changes);
            assertThat(changes.records()).hasSize(keyed ? 3 : 4);
        }
    }

    @Test
    void aValueIsNotNullAndNotEmptyAndNotLonger() {
        SkippedChanges unchanged = new SkippedChanges(Set.of(), true);
        List<TextRow> rows = Stream.of("b", "bb", "c", "", null)
                .map(FlatTableRecordsTest::rowOf)
                .toList();
        for (TextRow old : rows) {
            for (TextRow row : rows) {
                CollectedChanges changes = new CollectedChanges();
                records(true, unchanged).update(old, true, row, changes);
                assertThat(changes.records()).hasSize(row == old ? 0 : 1);
            }
        }
    }

    private static TextRow rowOf(@Nullable String value) {
        byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
        return TextRow.of(Arrays.asList("1".getBytes(StandardCharsets.UTF_8), bytes));
    }
}
