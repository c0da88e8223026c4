package io.pgseam.tool.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.tool.dialect.Shape.Kind;
import io.pgseam.tool.dialect.TargetSettings.Deletes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Holds generated statements by the files in {@code src/test/resources/io/pgseam/tool/dialect}. What a test has got is in {@code
 * target/statements}: compare the two, and copy the file if the difference is meant.
 */
class StatementsTest {

    private static final Path EXPECTED = Path.of("src", "test", "resources", "io", "pgseam", "tool", "dialect");
    private static final Path ACTUAL = Path.of("target", "statements");

    private static final Set<String> DEFAULT_FIELDS = Set.of("__op", "__lsn", "__seq", "__snapshot");
    private static final Set<String> EVERY_FIELD = Set.of("__op", "__lsn", "__seq", "__ver", "__deleted");

    private static final TargetTable ORDERS = new TargetTable(
            new TableId("public", "orders"),
            "shop.public.orders",
            "orders",
            List.of(
                    column("id", shape(Kind.INT8), true, "int8", null),
                    column("region", new Shape(Kind.BOUNDED_TEXT, 8, 0, null), true, "varchar(8)", null),
                    column("amount", decimal(12, 2), false, "numeric(12,2)", "with \"tax\", \\ and `more`"),
                    column("created_at", shape(Kind.TIMESTAMP), false, "timestamptz", null)),
            "all\norders");

    private static final TargetTable EVERYTHING = everything();

    private static final LoadSettings LOAD = new LoadSettings(
            "broker-1:9092,broker-2:9092",
            new TreeMap<>(java.util.Map.of(0, 1201L, 1, 1187L, 2, 0L)),
            8,
            "starrocks-shop-orders_pgseam");

    private static TargetTable everything() {
        List<TargetColumn> columns = new ArrayList<>();
        columns.add(column("key_numeric", shape(Kind.NUMERIC), true, "numeric", null));
        columns.add(column("key_float", shape(Kind.FLOAT8), true, "float8", null));
        columns.add(column("key_decimal", decimal(10, 2), true, "numeric(10,2)", null));
        columns.add(column("key_document", shape(Kind.JSON), true, "jsonb", null));
        for (Kind kind : Kind.values()) {
            if (kind != Kind.ARRAY && kind != Kind.DECIMAL && kind != Kind.BOUNDED_TEXT) {
                columns.add(
                        column("a_" + kind.name().toLowerCase(java.util.Locale.ROOT), shape(kind), false, "x", null));
            }
        }
        columns.add(column("decimal_38", decimal(38, 38), false, "numeric(38,38)", null));
        columns.add(column("decimal_39", decimal(39, 0), false, "numeric(39,0)", null));
        columns.add(column("decimal_77", decimal(77, 3), false, "numeric(77,3)", null));
        columns.add(column("short_text", new Shape(Kind.BOUNDED_TEXT, 20, 0, null), false, "varchar(20)", null));
        columns.add(
                column("long_text", new Shape(Kind.BOUNDED_TEXT, 300_000, 0, null), false, "varchar(300000)", null));
        columns.add(column("texts", array(shape(Kind.TEXT)), false, "text[]", null));
        columns.add(column("instants", array(shape(Kind.TIMESTAMP)), false, "timestamptz[]", null));
        columns.add(column("decimals", array(decimal(12, 2)), false, "numeric(12,2)[]", null));
        columns.add(column("we`ird \\ <name>", shape(Kind.INT4), false, "int4", null));
        return new TargetTable(new TableId("odd", "every thing"), "shop.odd.every_thing", "every_thing", columns, null);
    }

    /** All files are compared before one of them fails. */
    private final SoftAssertions held = new SoftAssertions();

    @AfterEach
    void assertAllHeld() {
        held.assertAll();
    }

    @Test
    void starRocks() throws IOException {
        StarRocks current = new StarRocks(ServerVersion.parse("3.5"));
        StarRocks old = new StarRocks(ServerVersion.parse("3.4.1"));
        StarRocks next = new StarRocks(ServerVersion.parse("4.0.2"));

        assertHeld("starrocks-ddl.sql", current.create(ORDERS, settings(Deletes.HARD, false)));
        assertHeld("starrocks-ddl-soft.sql", current.create(ORDERS, settings(Deletes.SOFT, false)));
        assertHeld("starrocks-ddl-types.sql", current.create(EVERYTHING, settings(Deletes.HARD, false)));
        assertHeld("starrocks-ddl-types-4.0-text.sql", next.create(EVERYTHING, settings(Deletes.HARD, true)));
        assertHeld("starrocks-load.sql", current.load(ORDERS, settings(Deletes.HARD, false), LOAD));
        assertHeld("starrocks-load-soft.sql", current.load(ORDERS, settings(Deletes.SOFT, false), LOAD));
        assertHeld("starrocks-load-3.4.1.sql", old.load(ORDERS, settings(Deletes.HARD, false), LOAD));
        assertHeld("starrocks-load-arrays.sql", current.load(ORDERS, arrays(), LOAD));
        assertHeld("starrocks-alter.sql", current.move(ORDERS, settings(Deletes.HARD, false), LOAD));
        assertHeld("starrocks-warnings.txt", current.warnings(EVERYTHING, settings(Deletes.HARD, false)));
        assertHeld("starrocks-warnings-3.4.1.txt", old.warnings(ORDERS, settings(Deletes.HARD, false)));
    }

    @Test
    void doris() throws IOException {
        Doris doris = new Doris();

        assertHeld("doris-ddl.sql", doris.create(ORDERS, settings(Deletes.HARD, false)));
        assertHeld("doris-ddl-soft.sql", doris.create(ORDERS, settings(Deletes.SOFT, false)));
        assertHeld("doris-ddl-types.sql", doris.create(EVERYTHING, settings(Deletes.HARD, false)));
        assertHeld("doris-load.sql", doris.load(ORDERS, settings(Deletes.HARD, false), LOAD));
        assertHeld("doris-load-soft.sql", doris.load(ORDERS, settings(Deletes.SOFT, false), LOAD));
        assertHeld("doris-load-arrays.sql", doris.load(ORDERS, arrays(), LOAD));
        assertHeld("doris-alter.sql", doris.move(ORDERS, settings(Deletes.HARD, false), LOAD));
    }

    @Test
    void clickHouse() throws IOException {
        ClickHouse clickHouse = new ClickHouse();

        assertHeld("clickhouse-ddl.sql", clickHouse.create(ORDERS, settings(Deletes.HARD, false)));
        assertHeld("clickhouse-ddl-soft.sql", clickHouse.create(ORDERS, settings(Deletes.SOFT, false)));
        assertHeld("clickhouse-ddl-types.sql", clickHouse.create(EVERYTHING, settings(Deletes.HARD, false)));
        assertHeld("clickhouse-load.sql", clickHouse.load(ORDERS, settings(Deletes.HARD, false), LOAD));
        assertHeld("clickhouse-warnings.txt", clickHouse.warnings(EVERYTHING, settings(Deletes.HARD, false)));
    }

    /** What {@code migrate} writes around and of an ALTER: a load ends before it, and begins again behind it. */
    @Test
    void aTableThatWasAltered() throws IOException {
        TableChange change = new TableChange(
                ORDERS,
                Map.of("sum", "amount"),
                List.of(
                        column("note", shape(Kind.TEXT), false, "text", "new, with `more`"),
                        column("paid", shape(Kind.BOOLEAN), false, "bool", null)),
                List.of(column("created_at", shape(Kind.TIMESTAMP), false, "timestamptz", null)),
                List.of("remark"));
        for (Dialect dialect : List.of(new StarRocks(ServerVersion.parse("3.5")), new Doris(), new ClickHouse())) {
            for (Deletes deletes : Deletes.values()) {
                List<String> statements = new ArrayList<>(dialect.stop(ORDERS, settings(deletes, false)));
                statements.addAll(dialect.alter(change, settings(deletes, false)));
                String soft = deletes == Deletes.SOFT ? "-soft" : "";
                assertHeld(dialect.kind().scheme() + "-migrate" + soft + ".sql", statements);
            }
        }
    }

    /** In StarRocks a VARCHAR without a length is VARCHAR(1), and ARRAY&lt;VARCHAR&gt; is refused. */
    @Test
    void noTypeOfStarRocksIsATextWithoutALength() {
        for (String version : List.of("3.3.5", "3.5", "4.0.2")) {
            StarRocks starRocks = new StarRocks(ServerVersion.parse(version));
            for (TargetColumn column : EVERYTHING.columns()) {
                for (boolean key : new boolean[] {false, true}) {
                    assertThat(starRocks.type(column.shape(), key, false) + ";").doesNotContainPattern("VARCHAR[^(]");
                }
            }
        }
    }

    @Test
    void aKeyOfStarRocksHasATypeThatAKeyMayHave() {
        StarRocks starRocks = new StarRocks(ServerVersion.parse("3.5"));

        assertThat(EVERYTHING.columns())
                .allSatisfy(column -> assertThat(starRocks.type(column.shape(), true, false))
                        .matches("BOOLEAN|SMALLINT|INT|BIGINT|DATE|DATETIME|VARCHAR\\(\\d+\\)"));
    }

    @Test
    void aJobHasANameThatStarRocksTakes() {
        for (String table : List.of("orders", "Order Lines", "7days", "x".repeat(63), "größe", "x".repeat(62) + "y")) {
            assertThat(SqlText.jobName(table)).as(table).matches("^[a-zA-Z_][a-zA-Z0-9_]{0,63}$");
        }
        assertThat(SqlText.jobName("x".repeat(63))).isNotEqualTo(SqlText.jobName("x".repeat(62) + "y"));
        assertThat(SqlText.jobName("a b")).isNotEqualTo(SqlText.jobName("a-b"));
    }

    @Test
    void versionsOfStarRocksDecideWhatIsWritten() {
        assertThat(ServerVersion.parse("3.3.11").knowsPauseOnFatalParseError()).isFalse();
        assertThat(ServerVersion.parse("3.3.12").knowsPauseOnFatalParseError()).isTrue();
        assertThat(ServerVersion.parse("3.4.1").knowsPauseOnFatalParseError()).isFalse();
        assertThat(ServerVersion.parse("3.4").knowsPauseOnFatalParseError()).isTrue();
        assertThat(ServerVersion.parse("3.4.6").forgetsTheErrorRatio()).isTrue();
        assertThat(ServerVersion.parse("3.4.7").forgetsTheErrorRatio()).isFalse();
        assertThat(ServerVersion.parse("3.5.3").forgetsTheErrorRatio()).isTrue();
        assertThat(ServerVersion.parse("3.5.4-rc1").forgetsTheErrorRatio()).isFalse();
    }

    private static TargetSettings settings(Deletes deletes, boolean jsonAsText) {
        Set<String> fields = deletes == Deletes.SOFT ? EVERY_FIELD : DEFAULT_FIELDS;
        return new TargetSettings("shop", deletes, jsonAsText, fields, true, false, deletes == Deletes.SOFT ? 1 : 0);
    }

    private static TargetSettings arrays() {
        return new TargetSettings("shop", Deletes.HARD, false, EVERY_FIELD, false, true, 0);
    }

    private void assertHeld(String file, List<String> lines) throws IOException {
        boolean sql = file.endsWith(".sql");
        String actual = String.join(sql ? ";\n\n" : "\n", lines) + (sql ? ";\n" : "\n");
        Files.createDirectories(ACTUAL);
        Files.writeString(ACTUAL.resolve(file), actual);
        Path expected = EXPECTED.resolve(file);
        held.assertThat(Files.exists(expected) ? Files.readString(expected) : "(no such file)")
                .as("what has to be written now is in " + ACTUAL.resolve(file))
                .isEqualTo(actual);
    }

    private static Shape shape(Kind kind) {
        return new Shape(kind, 0, 0, null);
    }

    private static Shape decimal(int precision, int scale) {
        return new Shape(Kind.DECIMAL, precision, scale, null);
    }

    private static Shape array(Shape element) {
        return new Shape(Kind.ARRAY, 0, 0, element);
    }

    private static TargetColumn column(
            String name, Shape shape, boolean key, String sourceType, @Nullable String comment) {
        return new TargetColumn(name, shape, key, sourceType, comment);
    }
}
