package io.pgseam.record.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Kind;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.TypeOids;
import io.pgseam.record.CollectedChanges;
import io.pgseam.record.RowPack;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTableRecords;
import io.pgseam.record.flat.FlatTables;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentablePolicy;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.record.mask.HashMask.Input;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MaskedRecordsTest {

    private static final TableId TABLE = new TableId("public", "people");
    private static final PgType TEXT = type(TypeOids.TEXT, "text");
    private static final Mask HASH = new HashMask(Input.TEXT, "MD5", "salt");
    private static final String HASH_OF_SECRET = HASH.apply("secret", 0);

    private static PgType type(long oid, String name) {
        return new PgType(oid, "pg_catalog", name, Kind.BASE, null, -1, ',');
    }

    private static Column key(PgType type, int modifier) {
        return new Column("id", type, modifier, true, 1);
    }

    private static Column column(String name, PgType type) {
        return new Column(name, type, -1, false, 0);
    }

    private static TextRow row(@Nullable String... values) {
        TextRow row = new TextRow();
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value == null || value.equals("<unchanged>") ? "" : value);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        row.reset(bytes);
        int at = 0;
        for (String value : values) {
            if (value == null) {
                row.addNull();
            } else if (value.equals("<unchanged>")) {
                row.addUnchanged();
            } else {
                int length = value.getBytes(StandardCharsets.UTF_8).length;
                row.addValue(at, length);
                at += length;
            }
        }
        return row;
    }

    private static TableRecordsFactory flat() {
        FlatSettings settings = new FlatSettings(Set.of(), UnrepresentablePolicy.FAIL, "<placeholder>", false);
        return (table, columns) -> new FlatTableRecords(
                table, "topic", columns, settings, false, false, new UnrepresentableValues(Clock.systemUTC()));
    }

    private static MaskedRecordsFactory factory(boolean hashedKeys, Map<String, Mask> masks) {
        return new MaskedRecordsFactory(flat(), (table, column) -> masks.get(table.name() + "." + column), hashedKeys);
    }

    private static TableRecords records(Map<String, Mask> masks, Column... columns) throws SQLException {
        return factory(true, masks).recordsOf(TABLE, List.of(columns));
    }

    @Test
    void masksRowsThatShareAMessage() throws SQLException {
        FlatTables packed = FlatTables.packed(
                table -> "topic",
                new FlatSettings(Set.of(), UnrepresentablePolicy.FAIL, null, false),
                new UnrepresentableValues(Clock.systemUTC()),
                new PackSettings(1_000, 1, PackForm.LINES));
        MaskedRecordsFactory masked = new MaskedRecordsFactory(packed, (table, column) -> HASH, true);
        TableRecords records = masked.recordsOf(TABLE, List.of(column("note", TEXT)));
        RowPack pack = masked.pack();
        for (int row = 0; row < 2; row++) {
            assertThat(records.snapshotRow(row("secret"), SnapshotPlace.WITHIN, Lsn.NONE, Map.of(), Map.of()))
                    .isNull();
            pack.keep();
        }
        String hashed = "{\"note\":\"" + HASH_OF_SECRET + "\"}";
        assertThat(pack.close(Map.of(), Map.of()))
                .singleElement()
                .extracting(message -> new String((byte[]) message.value(), StandardCharsets.UTF_8))
                .isEqualTo(hashed + "\n" + hashed);
    }

    private static String copied(TableRecords records, TextRow row) {
        return CollectedChanges.text(records.snapshotRow(row, SnapshotPlace.WITHIN, Lsn.NONE, Map.of(), Map.of()));
    }

    @Test
    void copiedAndChangedRowsAreMaskedAlike() throws SQLException {
        TableRecords records = records(
                Map.of("people.a", HASH, "people.b", new FixedMask(2), "people.c", new TruncateMask(1)),
                key(type(TypeOids.INT4, "int4"), -1),
                column("a", TEXT),
                column("b", TEXT),
                column("c", TEXT),
                column("d", TEXT));
        String masked =
                "{\"id\":1} {\"id\":1,\"a\":\"" + HASH_OF_SECRET + "\",\"b\":\"**\",\"c\":\"ü\",\"d\":\"clear\"}";
        TextRow row = row("1", "secret", "secret", "übel", "clear");
        assertThat(copied(records, row)).isEqualTo(masked);
        CollectedChanges written = new CollectedChanges();
        records.insert(row, written);
        records.update(null, false, row, written);
        records.update(row("1", "old", "old", "old", "old"), true, row, written);
        assertThat(written.records()).containsExactly(masked, masked, masked);
        assertThat(row.text(1)).isEqualTo("secret");

        written.records().clear();
        records.update(row("2", "secret", "secret", "old", "old"), true, row, written);
        records.delete(row("2", "secret", null, null, null), true, written);
        records.updateOfLostRow(row("2", "secret", null, null, null), true, row, written);
        String old = "{\"id\":2} {\"id\":2,\"a\":\"" + HASH_OF_SECRET + "\",\"b\":\"**\",\"c\":";
        assertThat(written.records())
                .containsExactly(
                        old + "\"o\",\"d\":\"old\"}", masked, old + "null,\"d\":null}", old + "null,\"d\":null}");
    }

    @Test
    void whatIsAbsentIsNotMaskedUnlessTheMaskTellsNothing() throws SQLException {
        TableRecords records = records(
                Map.of("people.a", HASH, "people.b", new FixedMask(2), "people.c", new TruncateMask(1)),
                column("a", TEXT),
                column("b", TEXT),
                column("c", TEXT));
        assertThat(copied(records, row(null, null, null))).isEqualTo(" {\"a\":null,\"b\":\"**\",\"c\":null}");
        assertThat(copied(records, row("<unchanged>", "<unchanged>", "<unchanged>")))
                .isEqualTo(" {\"a\":\"<placeholder>\",\"b\":\"**\",\"c\":\"<placeholder>\"}");
        assertThat(copied(records, row("", "", ""))).contains("\"b\":\"**\",\"c\":\"\"");
    }

    @Test
    void aMaskedValueIsAString() throws SQLException {
        PgType mood = new PgType(90_000, "public", "mood", Kind.ENUM, null, -1, ',');
        PgType citext = new PgType(90_001, "public", "citext", Kind.BASE, null, -1, ',');
        PgType domain = new PgType(90_002, "public", "nick", Kind.DOMAIN, mood, -1, ',');
        for (PgType type : List.of(
                type(TypeOids.JSON, "json"),
                type(TypeOids.JSONB, "jsonb"),
                type(2950, "uuid"),
                type(142, "xml"),
                type(869, "inet"),
                type(TypeOids.CHAR, "char"),
                mood,
                citext,
                domain)) {
            TableRecords records = records(Map.of("people.a", new FixedMask(2)), column("a", type));
            assertThat(copied(records, row("{}"))).as(type.name()).isEqualTo(" {\"a\":\"**\"}");
        }
    }

    @Test
    void aTableThatNoRuleMatchesCostsNothing() throws SQLException {
        TableRecords records = records(Map.of("other.a", HASH), column("a", TEXT));
        assertThat(records).isInstanceOf(FlatTableRecords.class);
    }

    @Test
    void aColumnThatCannotBeMaskedHasNoRecords() {
        PgType numeric = type(TypeOids.NUMERIC, "numeric");
        PgType array = new PgType(1009, "pg_catalog", "_text", Kind.ARRAY, TEXT, -1, ',');
        PgType composite = new PgType(
                90_003, "public", "pair", Kind.COMPOSITE, null, -1, ',', List.of(new PgType.Attribute("a", TEXT, -1)));
        PgType domain = new PgType(90_004, "public", "price", Kind.DOMAIN, numeric, -1, ',');
        for (PgType type : List.of(numeric, array, composite, domain, type(TypeOids.BYTEA, "bytea"))) {
            for (Mask mask : List.of(HASH, new FixedMask(0), new TruncateMask(0))) {
                assertThatThrownBy(() -> records(Map.of("people.a", mask), column("a", type)))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("Column a of table public.people", type.name(), "column.exclude.list");
            }
        }
    }

    @Test
    void keysAreHashedOnRequestOnly() throws SQLException {
        Column key = key(TEXT, -1);
        assertThat(copied(records(Map.of("people.id", HASH), key), row("secret")))
                .isEqualTo("{\"id\":\"" + HASH_OF_SECRET + "\"} {\"id\":\"" + HASH_OF_SECRET + "\"}");
        assertThatThrownBy(() -> factory(false, Map.of("people.id", HASH)).recordsOf(TABLE, List.of(key)))
                .hasMessageContaining("column.mask.keys=refuse");
        for (Mask mask : List.of(new FixedMask(1), new TruncateMask(1))) {
            assertThatThrownBy(() -> records(Map.of("people.id", mask), key))
                    .hasMessageContaining("masked keys of different rows would be equal");
            Column rowKey = new Column("id", TEXT, -1, true, 0, true);
            assertThatThrownBy(() -> records(Map.of("people.id", mask), rowKey))
                    .hasMessageContaining("masked keys of different rows would be equal");
        }
        PgType varchar = type(TypeOids.VARCHAR, "varchar");
        assertThatThrownBy(() -> records(Map.of("people.id", HASH), key(varchar, 31 + 4)))
                .hasMessageContaining("no room for the 32 characters");
        assertThat(records(Map.of("people.id", HASH), key(varchar, 32 + 4)).topic())
                .isEqualTo("topic");
    }

    @Test
    void aPartitionIsMaskedByTheNameOfItsTableToo() throws SQLException {
        List<Column> columns = List.of(column("a", TEXT));
        List<TableId> above = List.of(new TableId("public", "all_people"));
        assertThatThrownBy(() -> factory(true, Map.of("all_people.a", HASH)).recordsOf(TABLE, above, columns))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("public.all_people.a");
        assertThat(factory(true, Map.of("all_people.a", HASH, "people.a", HASH)).recordsOf(TABLE, above, columns))
                .isInstanceOf(MaskedTableRecords.class);
    }
}
