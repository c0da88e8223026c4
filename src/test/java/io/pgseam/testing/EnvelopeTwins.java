package io.pgseam.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.AcceptingWriter;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.debezium.DebeziumSettings;
import io.pgseam.record.debezium.DebeziumTables;
import io.pgseam.record.mask.ColumnMasks;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The two ways to Debezium's envelope of one table: structs that JsonConverter turns into JSON, and JSON that is written at once. Every
 * record must have the same bytes.
 */
public final class EnvelopeTwins {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-30T12:34:56.789012345Z"), ZoneOffset.UTC);
    private static final Lsn ANCHOR = new Lsn(0x16_B374_D848L);

    /** Debezium writes the elements of some arrays as Java's names of objects, which no two objects share. */
    private static final Pattern IDENTITY = Pattern.compile("(?<=\\[L[\\w.]{1,40};@)[0-9a-f]+");

    private final JsonConverter converter = new JsonConverter();
    private final TableRecords structs;
    private final TableRecords bytes;
    private int compared;
    private int failed;

    /** @param settings Debezium's */
    public EnvelopeTwins(Sessions sessions, TableId table, List<Column> columns, Map<String, String> settings)
            throws SQLException {
        converter.configure(Map.of("schemas.enable", "false"), false);
        structs = records(sessions, table, columns, settings, false);
        bytes = records(sessions, table, columns, settings, true);
    }

    private static TableRecords records(
            Sessions sessions, TableId table, List<Column> columns, Map<String, String> settings, boolean json)
            throws SQLException {
        return new DebeziumTables(
                        new DebeziumSettings("shop", "data\\base", true, false, json, settings),
                        sessions,
                        id -> "shop." + id,
                        CLOCK,
                        ColumnMasks.NONE,
                        (any, column) -> true)
                .recordsOf(table, columns);
    }

    /** How many records were compared. */
    public int compared() {
        return compared;
    }

    /** How many times neither way had a record, because Debezium's classes cannot make one. */
    public int failed() {
        return failed;
    }

    /** Compares the records of a copied row. */
    public void copied(TextRow row, SnapshotPlace place) {
        compare(records ->
                List.of(Objects.requireNonNull(records.snapshotRow(row, place, ANCHOR, Map.of(), Map.of()))));
    }

    /** Compares the records of an insert, an update, and a delete. */
    public void changed(@Nullable TextRow older, boolean whole, TextRow row) {
        compare(records -> changes(writer -> records.insert(row, writer)));
        compare(records -> changes(writer -> records.update(older, whole, row, writer)));
        compare(records -> changes(writer -> records.updateOfLostRow(older, whole, row, writer)));
        if (older != null) {
            compare(records -> changes(writer -> records.delete(older, whole, writer)));
        }
        compare(records -> changes(records::truncate));
    }

    private interface Making {
        List<SourceRecord> of(TableRecords records);
    }

    private interface Change {
        void make(ChangeWriter writer);
    }

    private static List<SourceRecord> changes(Change change) {
        RecordingWriter writer = new RecordingWriter();
        change.make(writer);
        return writer.records;
    }

    private void compare(Making making) {
        List<String> expected = outcome(making, structs);
        List<String> actual = outcome(making, bytes);
        assertThat(actual).isEqualTo(expected);
        compared += expected.size();
    }

    private List<String> outcome(Making making, TableRecords records) {
        List<String> texts = new ArrayList<>();
        try {
            for (SourceRecord record : making.of(records)) {
                texts.add(text(record.keySchema(), record.key()) + " " + text(record.valueSchema(), record.value())
                        + " " + record.headers());
            }
        } catch (ConnectException e) {
            failed++;
            // The converter's own words name its error; ours name the column.
            return List.of(e instanceof DataException ? "not JSON" : String.valueOf(e.getMessage()));
        }
        return texts;
    }

    private String text(@Nullable Schema schema, @Nullable Object part) {
        byte[] json =
                part instanceof byte[] made ? made : part == null ? null : converter.fromConnectData("", schema, part);
        return json == null
                ? "(none)"
                : IDENTITY.matcher(new String(json, StandardCharsets.UTF_8)).replaceAll("");
    }

    /** A row whose fields are those of another but for some, which are left unchanged (TOAST). */
    public static TextRow unchanged(TextRow row, int... fields) {
        return without(row, true, fields);
    }

    /** A row whose fields are those of another but for some, which are NULL. */
    public static TextRow nulls(TextRow row, int... fields) {
        return without(row, false, fields);
    }

    private static TextRow without(TextRow row, boolean unchanged, int... fields) {
        TextRow other = new TextRow();
        other.reset(row.bytes());
        for (int field = 0; field < row.size(); field++) {
            int place = field;
            if (row.length(field) < 0 || Arrays.stream(fields).noneMatch(each -> each == place)) {
                if (row.isUnchanged(field)) {
                    other.addUnchanged();
                } else if (row.isNull(field)) {
                    other.addNull();
                } else {
                    other.addValue(row.start(field), row.length(field));
                }
            } else if (unchanged) {
                other.addUnchanged();
            } else {
                other.addNull();
            }
        }
        return other;
    }

    /** Keeps the records of one change. */
    private static final class RecordingWriter extends AcceptingWriter {

        private final List<SourceRecord> records = new ArrayList<>();

        @Override
        public Lsn commitLsn() {
            return new Lsn(0x16_B374_E000L);
        }

        @Override
        public long commitTimeMs() {
            return Math.floorDiv(commitTimeMicros(), 1_000);
        }

        @Override
        public long commitTimeMicros() {
            return 1_790_000_000_123_456L;
        }

        @Override
        public Lsn lsn() {
            return new Lsn(0x16_B374_DFFFL);
        }

        @Override
        public Lsn previousCommitEnd() {
            return new Lsn(0x16_B374_D000L);
        }

        @Override
        public EventOrder countEvent(TableId table) {
            return new EventOrder(records.size() + 12L, records.size() + 1L);
        }

        @Override
        public long transactionId() {
            return 4_294_967_295L;
        }

        @Override
        public void write(SourceRecord record, int bytes) {
            records.add(record);
        }
    }
}
