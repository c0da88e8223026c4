package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.record.PackedRecord;
import io.pgseam.record.RowPack;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.PackedRows.Row;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** Copied rows in messages: what is in them is what the rows would be as messages of their own. */
class RowPackerTest {

    private static final List<TableId> TABLES =
            List.of(new TableId("public", "a"), new TableId("public", "b"), new TableId("other", "a"));
    private static final Lsn ANCHOR = new Lsn(77);

    private final Random random = Seed.random(RowPackerTest.class);
    private final UnrepresentableValues unrepresentable = new UnrepresentableValues(Clock.systemUTC());

    /** Tables of the same name share a topic. */
    private static String topic(TableId table) {
        return "shop." + table.name();
    }

    private static FlatSettings settings() {
        return new FlatSettings(
                java.util.Set.of(MetadataField.OP, MetadataField.TABLE), UnrepresentablePolicy.NULL, null);
    }

    private static List<Column> columns(boolean keyed) {
        return List.of(
                new Column("id", SampleTypes.INT8, -1, true, keyed ? 1 : 0),
                new Column("note", SampleTypes.TEXT, -1, false, 0));
    }

    @Test
    void messagesHoldTheRowsThatWouldBeMessages() throws SQLException {
        for (int round = 0; round < 400; round++) {
            boolean keyed = random.nextInt(4) > 0;
            PackSettings settings = new PackSettings(
                    20 + random.nextInt(500), 1 + random.nextInt(16), PackForm.values()[random.nextInt(2)]);
            FlatTables packed = FlatTables.packed(RowPackerTest::topic, settings(), unrepresentable, settings);
            FlatTables plain = new FlatTables(RowPackerTest::topic, settings(), false, false, unrepresentable);
            RowPack pack = packed.pack();
            for (int batch = random.nextInt(3); batch >= 0; batch--) {
                Map<String, List<String>> expected = new HashMap<>();
                List<SourceRecord> messages = new ArrayList<>();
                for (int rows = random.nextInt(200); rows > 0; rows--) {
                    TableId table = TABLES.get(random.nextInt(TABLES.size()));
                    TextRow row = row();
                    SourceRecord alone = snapshotRow(plain.recordsOf(table, columns(keyed)), row);
                    expected.computeIfAbsent(place(alone), any -> new ArrayList<>())
                            .add(text(alone.value()));
                    TableRecords records = packed.recordsOf(table, columns(keyed));
                    SourceRecord large = snapshotRow(records, row);
                    if (large == null) {
                        pack.keep();
                    } else {
                        assertThat(((byte[]) large.value()).length).isGreaterThan(settings.bytes() - 2);
                        messages.add(large);
                    }
                }
                int open = pack.messages();
                List<SourceRecord> closed = pack.close(Map.of("p", 1), Map.of("o", 2));
                assertThat(closed).hasSizeLessThanOrEqualTo(open);
                assertThat(pack.isEmpty()).isTrue();
                closed.forEach(
                        message -> assertThat(((byte[]) message.value()).length).isLessThanOrEqualTo(settings.bytes()));
                messages.addAll(closed);
                assertHold(messages, expected, keyed, settings);
            }
        }
    }

    private static void assertHold(
            List<SourceRecord> messages, Map<String, List<String>> expected, boolean keyed, PackSettings settings) {
        Map<String, List<String>> found = new HashMap<>();
        for (SourceRecord message : messages) {
            List<Row> rows = PackedRows.rows((byte[]) message.value(), keyed ? List.of("id") : List.of());
            assertThat(PackedRecord.rowsOf(message)).isEqualTo(rows.size());
            assertThat(rows.stream().map(RowPackerTest::table).distinct()).hasSize(1);
            assertThat(Integer.parseInt(text(message.key()))).isLessThan(settings.buckets());
            for (Row row : rows) {
                String key = row.key() == null ? "" : text(row.key());
                found.computeIfAbsent(message.topic() + " " + key, any -> new ArrayList<>())
                        .add(text(row.value()));
            }
        }
        // Of a key, only rows that are too large for a message with others are out of their order: a copy has one row
        // of a key.
        found.values().forEach(rows -> rows.sort(null));
        expected.values().forEach(rows -> rows.sort(null));
        assertThat(found).isEqualTo(expected);
    }

    private static String table(Row row) {
        String value = text(row.value());
        return value.substring(value.indexOf("\"__table\""));
    }

    private static SourceRecord snapshotRow(TableRecords records, TextRow row) {
        return records.snapshotRow(row, SnapshotPlace.WITHIN, ANCHOR, Map.of(), Map.of());
    }

    private TextRow row() {
        String note = "n\\n\"{}[],".repeat(random.nextInt(random.nextInt(10) == 0 ? 90 : 5));
        byte[] line = (random.nextInt(30) + "\t" + note + "\n").getBytes(StandardCharsets.UTF_8);
        TextRow row = new TextRow();
        new CopyRowParser(2).parse(line, 0, line.length, row);
        return row;
    }

    private static String place(SourceRecord record) {
        return record.topic() + " " + (record.key() == null ? "" : text(record.key()));
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}
