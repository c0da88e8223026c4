package io.pgseam.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.dialect.Shape;
import io.pgseam.tool.dialect.Shape.Kind;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.target.DatabaseKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The statements by which a target and the source are asked for rows. */
class TargetQueriesTest {

    private static final CapturedTable SOURCE = new CapturedTable(
            1,
            new TableId("public", "item"),
            ReplicaIdentity.DEFAULT,
            List.of(column("note", 25, "text", 0), column("at", 1184, "timestamptz", 2), column("id", 20, "int8", 1)),
            null,
            List.of());

    private static final List<TargetColumn> COLUMNS = List.of(
            new TargetColumn("id", shape(Kind.INT8), true, "int8", null),
            new TargetColumn("at", shape(Kind.TIMESTAMP), true, "timestamptz", null),
            new TargetColumn("note", shape(Kind.TEXT), false, "text", null));

    private static Column column(String name, int oid, String type, int key) {
        return new Column(name, new PgType(oid, "pg_catalog", type, PgType.Kind.BASE, null, -1, ','), -1, key > 0, key);
    }

    private static Shape shape(Kind kind) {
        return new Shape(kind, 0, 0, null);
    }

    private static ComparedTable table(DatabaseKind kind, String... columnsAndTypes) {
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < columnsAndTypes.length; i += 2) {
            found.put(columnsAndTypes[i], columnsAndTypes[i + 1]);
        }
        return ComparedTable.of(SOURCE, COLUMNS, kind, "shop", "item", found);
    }

    private static RowKey key(String... parts) {
        return new RowKey(Arrays.stream(parts)
                .map(part -> part.getBytes(StandardCharsets.UTF_8))
                .toList());
    }

    @Test
    void clickHouse() {
        ComparedTable table = table(
                DatabaseKind.CLICKHOUSE,
                "id",
                "Int64",
                "at",
                "DateTime64(6, 'UTC')",
                "note",
                "Nullable(String)",
                "__lsn",
                "UInt64",
                "__seq",
                "UInt32",
                "__ver",
                "UInt128",
                "__deleted",
                "UInt8");
        assertThat(table.fields()).isEqualTo(6);
        assertThat(new TargetQueries(table).rows())
                .isEqualTo("SELECT `note`, `at`, `id`, `__lsn`, `__seq`, `__deleted` FROM `shop`.`item` FINAL");
        assertThat(new TargetQueries(table).rows(List.of(key("1", "2026-01-02"), key("2", "2026-01-02 03:04:05.6"))))
                .endsWith(" FINAL WHERE (`id` = 1 AND `at` = '2026-01-02 00:00:00')"
                        + " OR (`id` = 2 AND `at` = '2026-01-02 03:04:05.6')");
        assertThat(new SourceKeys(table).condition(List.of(key("1", "2026-01-02"), key("2", "it's"))))
                .isEqualTo("(\"id\", \"at\") IN (('1', '2026-01-02'), ('2', 'it''s'))");
    }

    @Test
    void starRocks() {
        ComparedTable table = table(
                DatabaseKind.STARROCKS, "id", "bigint(20)", "at", "datetime", "extra", "float", "__lsn", "bigint");
        assertThat(table.absent()).containsExactly("note");
        assertThat(new TargetQueries(table).rows())
                .isEqualTo("SELECT /*+ SET_VAR(query_timeout = 259200) */ `at`, `id`, `__lsn` FROM `shop`.`item`");
    }

    @Test
    void aKeyOfOneColumn() {
        List<TargetColumn> columns = List.of(
                new TargetColumn("note", shape(Kind.TEXT), true, "text", null),
                new TargetColumn("id", shape(Kind.FLOAT4), false, "float4", null));
        ComparedTable table = ComparedTable.of(
                SOURCE,
                columns,
                DatabaseKind.DORIS,
                "shop",
                "it`em",
                Map.of("note", "varchar(65533)", "id", "float", "__lsn", "bigint"));
        assertThat(new TargetQueries(table).rows(List.of(key("it's"), key("\\"))))
                .isEqualTo("SELECT /*+ SET_VAR(query_timeout = 259200) */ `note`, CAST(`id` AS DOUBLE), `__lsn`"
                        + " FROM `shop`.`it``em` WHERE `note` IN ('it\\'s', '\\\\')");
    }
}
