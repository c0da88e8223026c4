package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.testing.Seed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlatRowEncoderTest {

    private static final TableId ORDERS = new TableId("public", "orders");
    private static final String UNCHANGED = "<unchanged>";
    private static final Column ID = column("id", SampleTypes.INT8, 1);
    private static final Column NOTE = column("note", SampleTypes.TEXT, 0);
    private static final Column DUE = column("due", SampleTypes.DATE, 0);
    private static final long LSN = 0x16_B374_D848L;

    private final UnrepresentableValues unrepresentable = new UnrepresentableValues(Clock.systemUTC());

    @Test
    void aSnapshotRowHasItsColumnsAndTheDefaultMetadata() {
        FlatRowEncoder encoder = encoder(List.of(ID, NOTE, DUE));
        assertThat(text(encoder.upsert(row("42", null, "2024-05-01"), LSN, 0, true, 0)))
                .isEqualTo("{\"id\":42,\"note\":null,\"due\":\"2024-05-01\","
                        + "\"__op\":0,\"__lsn\":97500059720,\"__seq\":0,\"__snapshot\":true}");
    }

    @Test
    void aChangeSaysSo() {
        assertThat(text(encoder(List.of(ID)).upsert(row("42"), 7, 3, false, 0)))
                .isEqualTo("{\"id\":42,\"__op\":0,\"__lsn\":7,\"__seq\":3,\"__snapshot\":false}");
    }

    @Test
    void aDeleteHasTheKeyOnly() {
        assertThat(text(encoder(List.of(NOTE, ID)).delete(row(null, "42"), false, 7, 3, 0)))
                .isEqualTo("{\"id\":42,\"__op\":1,\"__lsn\":7,\"__seq\":3,\"__snapshot\":false}");
    }

    @Test
    void aDeleteWithTheWholeRowHasAllColumns() {
        assertThat(text(encoder(List.of(NOTE, ID)).delete(row("a", "42"), true, 7, 3, 0)))
                .isEqualTo("{\"note\":\"a\",\"id\":42,\"__op\":1,\"__lsn\":7,\"__seq\":3,\"__snapshot\":false}");
    }

    @Test
    void theKeyHasItsColumnsInKeyOrder() {
        FlatRowEncoder encoder = encoder(List.of(
                column("b", SampleTypes.TEXT, 2),
                NOTE,
                column("c", SampleTypes.UUID, 3),
                column("a", SampleTypes.INT4, 1)));
        assertThat(text(encoder.key(row("\"", "n", "u", "1")))).isEqualTo("{\"a\":1,\"b\":\"\\\"\",\"c\":\"u\"}");
    }

    @Test
    void withoutAKeyThereIsNoKeyAndNoDeleteByKey() {
        FlatRowEncoder encoder = encoder(List.of(NOTE));
        assertThat(encoder.key(row("n"))).isNull();
        assertThatThrownBy(() -> encoder.delete(row("n"), false, 1, 1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("public.orders has no key");
        assertThat(text(encoder.delete(row("n"), true, 1, 1, 0))).startsWith("{\"note\":\"n\",\"__op\":1");
    }

    @Test
    void aKeyBeginsWithTheTableOnRequest() {
        FlatSettings settings = new FlatSettings(Set.of(), UnrepresentablePolicy.NULL, null, true);
        assertThat(text(encoder(List.of(ID, NOTE), settings).key(row("1", "n"))))
                .isEqualTo("{\"__table\":\"public.orders\",\"id\":1}");
        assertThat(encoder(List.of(NOTE), settings).key(row("n"))).isNull();
        assertThatThrownBy(() -> encoder(List.of(column("__table", SampleTypes.TEXT, 1)), settings))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("flat.key.table");
    }

    @Test
    void aDeleteHasTheColumnsOfBothKeys() {
        Column inRowKey = new Column("id", SampleTypes.INT4, -1, true, 0, true);
        FlatRowEncoder encoder = encoder(List.of(inRowKey, NOTE, column("tenant", SampleTypes.INT4, 1)));
        assertThat(text(encoder.key(row("7", "n", "3")))).isEqualTo("{\"tenant\":3}");
        assertThat(text(encoder.identity(row("7", "n", "3")))).isEqualTo("{\"tenant\":3,\"id\":7}");
        assertThat(encoder.keyIsIdentity()).isFalse();
        assertThat(text(encoder.delete(row("7", "n", "3"), false, 1, 1, 0)))
                .startsWith("{\"tenant\":3,\"id\":7,\"__op\":1");
        assertThat(encoder(List.of(ID, NOTE)).keyIsIdentity()).isTrue();
    }

    @Test
    void namesAreWrittenAsTheyAreInPostgres() throws IOException {
        String name = "Größe \"in\" \\ \n mm";
        FlatRowEncoder encoder = encoder(List.of(column(name, SampleTypes.INT4, 1)));
        assertThat(new ObjectMapper().readTree(encoder.key(row("3"))).get(name).asInt())
                .isEqualTo(3);
    }

    @Test
    void allMetadataFieldsHaveTheirPlace() {
        FlatRowEncoder encoder = encoder(List.of(ID), settings(EnumSet.allOf(MetadataField.class)));
        encoder.inTransaction(4_294_967_295L);
        assertThat(text(encoder.upsert(row("1"), 2, 5, false, 1_714_557_600_123L)))
                .isEqualTo("{\"id\":1,\"__op\":0,\"__lsn\":2,\"__seq\":5,\"__snapshot\":false,"
                        + "\"__ver\":\"8589934597\",\"__deleted\":false,\"__ts_ms\":1714557600123,"
                        + "\"__table\":\"public.orders\",\"__txid\":4294967295}");
        assertThat(text(encoder.upsert(row("1"), 2, 0, true, 0))).endsWith(",\"__txid\":null}");
        assertThat(text(encoder.delete(row("1"), false, 2, 5, -1)))
                .contains("\"__op\":1", "\"__deleted\":true", "\"__ts_ms\":-1,");
    }

    @Test
    void metadataFieldsAreKnownByName() {
        for (MetadataField field : MetadataField.values()) {
            assertThat(MetadataField.named(field.fieldName())).isEqualTo(field);
        }
        assertThatThrownBy(() -> MetadataField.named("__LSN")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noMetadataAndNoColumnsGiveAnEmptyObject() {
        assertThat(text(encoder(List.of(), settings(Set.of())).upsert(row(), 1, 1, false, 0)))
                .isEqualTo("{}");
        assertThat(text(encoder(List.of(), settings(Set.of(MetadataField.OP))).upsert(row(), 1, 1, false, 0)))
                .isEqualTo("{\"__op\":0}");
    }

    @Test
    void theLsnIsUnsigned() {
        assertThat(text(encoder(List.of(ID)).upsert(row("1"), -1, 1, false, 0)))
                .contains("\"__lsn\":18446744073709551615,");
    }

    @Test
    void theVersionIsOneNumberOfLsnAndSequence() {
        FlatRowEncoder encoder = encoder(List.of(), settings(Set.of(MetadataField.VER)));
        Random random = Seed.random(FlatRowEncoderTest.class);
        for (int i = 0; i < 20_000; i++) {
            long lsn = i == 0 ? -1 : random.nextLong() >>> random.nextInt(64);
            long seq = i == 0 ? 0xFFFF_FFFFL : random.nextLong() >>> (20 + random.nextInt(44));
            BigInteger expected =
                    new BigInteger(Long.toUnsignedString(lsn)).shiftLeft(32).add(BigInteger.valueOf(seq));
            assertThat(text(encoder.upsert(row(), lsn, seq, false, 0))).isEqualTo("{\"__ver\":\"" + expected + "\"}");
        }
    }

    @Test
    void unrepresentableValuesAreCountedOncePerRow() {
        FlatRowEncoder encoder = encoder(List.of(column("due", SampleTypes.DATE, 1), column("x", SampleTypes.DATE, 0)));
        encoder.key(row("infinity", "infinity"));
        encoder.upsert(row("infinity", "infinity"), 1, 0, true, 0);
        assertThat(unrepresentable.count(ORDERS, "due")).isEqualTo(1);
        assertThat(unrepresentable.count(ORDERS, "x")).isEqualTo(1);
    }

    @Test
    void unrepresentableKeysAreNeverNull() {
        FlatRowEncoder encoder = encoder(List.of(column("due", SampleTypes.DATE, 1), column("x", SampleTypes.DATE, 0)));
        assertThat(text(encoder.key(row("-infinity", "infinity")))).isEqualTo("{\"due\":\"-infinity\"}");
        assertThat(text(encoder.upsert(row("-infinity", "infinity"), 1, 0, true, 0)))
                .startsWith("{\"due\":\"-infinity\",\"x\":null,");
    }

    @Test
    void theFailPolicyNamesTableAndColumnButNotTheValue() {
        FlatSettings settings = new FlatSettings(Set.of(), UnrepresentablePolicy.FAIL, null);
        assertThatThrownBy(() -> encoder(List.of(ID, DUE), settings).upsert(row("1", "12345-06-07"), 1, 0, true, 0))
                .isInstanceOf(FlatEncodingException.class)
                .hasMessageStartingWith("table public.orders, column due: ")
                .hasMessageNotContaining("12345");
        assertThat(unrepresentable.count(ORDERS, "due")).isEqualTo(1);
    }

    @Test
    void anUnchangedValueHasToBeCompletedFirst() {
        assertThatThrownBy(() -> encoder(List.of(ID, NOTE)).upsert(row("1", UNCHANGED), 1, 1, false, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("table public.orders, column note", "completed");
    }

    @Test
    void anUnchangedValueCanHaveAPlaceholderButNotInTheKey() {
        FlatSettings settings = new FlatSettings(Set.of(), UnrepresentablePolicy.FAIL, "\"unchanged\"");
        FlatRowEncoder encoder = encoder(List.of(ID, NOTE), settings);
        assertThat(text(encoder.upsert(row("1", UNCHANGED), 1, 1, false, 0)))
                .isEqualTo("{\"id\":1,\"note\":\"\\\"unchanged\\\"\"}");
        assertThatThrownBy(() -> encoder.upsert(row(UNCHANGED, "a"), 1, 1, false, 0))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> encoder.key(row(UNCHANGED, "a"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRowOfAnotherShapeIsRefused() {
        FlatRowEncoder encoder = encoder(List.of(ID, NOTE));
        assertThatThrownBy(() -> encoder.upsert(row("1"), 1, 1, false, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("table public.orders has 2 columns, a row of it has 1 fields");
    }

    @Test
    void aColumnMustNotBeNamedLikeAMetadataField() {
        List<Column> columns = List.of(ID, column("__op", SampleTypes.INT4, 0));
        assertThatThrownBy(() -> encoder(columns))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll(
                        "public.orders has a column __op", "flat.metadata.fields", "column.exclude.list");
        assertThat(text(encoder(columns, settings(Set.of(MetadataField.LSN))).upsert(row("1", "0"), 9, 1, false, 0)))
                .isEqualTo("{\"id\":1,\"__op\":0,\"__lsn\":9}");
    }

    @Test
    void aFailedRowLeavesNothingInTheNext() {
        FlatRowEncoder encoder = encoder(List.of(ID, DUE));
        assertThatThrownBy(() -> encoder.upsert(row("1", "today"), 1, 1, false, 0))
                .isInstanceOf(FlatEncodingException.class);
        assertThat(text(encoder.key(row("2", "2024-05-01")))).isEqualTo("{\"id\":2}");
    }

    private FlatRowEncoder encoder(List<Column> columns) {
        return encoder(columns, FlatSettings.defaults());
    }

    private FlatRowEncoder encoder(List<Column> columns, FlatSettings settings) {
        return new FlatRowEncoder(ORDERS, columns, settings, unrepresentable);
    }

    private static FlatSettings settings(Set<MetadataField> metadata) {
        return new FlatSettings(metadata, UnrepresentablePolicy.NULL, null);
    }

    private static Column column(String name, PgType type, int keyPosition) {
        return new Column(name, type, -1, keyPosition > 0, keyPosition);
    }

    /** Null for NULL, {@link #UNCHANGED} (the same object) for a value that was not sent. */
    @SuppressWarnings("ReferenceEquality")
    private static TextRow row(@Nullable String... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String value : values) {
            bytes.writeBytes(value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8));
        }
        TextRow row = new TextRow();
        row.reset(bytes.toByteArray());
        int start = 0;
        for (String value : values) {
            if (value == null) {
                row.addNull();
                continue;
            }
            int length = value.getBytes(StandardCharsets.UTF_8).length;
            if (value == UNCHANGED) {
                row.addUnchanged();
            } else {
                row.addValue(start, length);
            }
            start += length;
        }
        return row;
    }

    private static String text(byte @Nullable [] json) {
        assertThat(json).isNotNull();
        return new String(json, StandardCharsets.UTF_8);
    }
}
