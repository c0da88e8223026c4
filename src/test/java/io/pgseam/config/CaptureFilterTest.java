package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CaptureFilterTest {

    private static final TableId ORDERS = new TableId("public", "orders");

    @Test
    void capturesEveryTableButTheSystems() {
        CaptureFilter filter = filter(Map.of());
        assertThat(filter.includesTable(ORDERS)).isTrue();
        assertThat(filter.includesColumn(ORDERS, "id")).isTrue();
        assertThat(filter.includesTable(new TableId("pg_custom", "t"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_catalog", "information_schema", "pg_toast", "pg_temp_3", "pg_toast_temp_3"})
    void neverCapturesTheSystemsSchemas(String schema) {
        CaptureFilter filter = filter(Map.of("table.include.list", ".*", "schema.include.list", ".*"));
        assertThat(filter.includesTable(new TableId(schema, "t"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public.orders | true",
                "PUBLIC.Orders | true",
                "public.order | false",
                "orders | false",
                ".*orders | true",
                "public.orders_2024, public.orders | true",
                "public\\.ord(er)+s | true",
                "public.o.{4\\,5} | true",
                "public.o.{6\\,} | false",
                ",, public.orders ,| true",
            })
    void matchesWholeNamesWithoutCase(String list, boolean included) {
        assertThat(filter(Map.of("table.include.list", list)).includesTable(ORDERS))
                .isEqualTo(included);
        assertThat(filter(Map.of("table.exclude.list", list)).includesTable(ORDERS))
                .isNotEqualTo(included);
    }

    @Test
    void bothTheSchemaAndTheTableHaveToBeSelected() {
        CaptureFilter filter = filter(Map.of("schema.exclude.list", "audit.*", "table.include.list", ".*\\.orders"));
        assertThat(filter.includesTable(ORDERS)).isTrue();
        assertThat(filter.includesTable(new TableId("audit_old", "orders"))).isFalse();
        assertThat(filter.includesTable(new TableId("public", "lines"))).isFalse();
    }

    @Test
    void selectsColumnsByTheirFullNames() {
        CaptureFilter include = filter(Map.of("column.include.list", "public.orders.(id|total)"));
        assertThat(include.includesColumn(ORDERS, "total")).isTrue();
        assertThat(include.includesColumn(ORDERS, "card")).isFalse();
        CaptureFilter exclude = filter(Map.of("column.exclude.list", ".*\\.card"));
        assertThat(exclude.includesColumn(ORDERS, "Card")).isFalse();
        assertThat(exclude.includesColumn(ORDERS, "cards")).isTrue();
    }

    @Test
    void tellsASpelledOutTableFromAMatchedOne() {
        assertThat(filter(Map.of("table.include.list", "a.b,public\\.orders")).spellsOut(ORDERS))
                .isTrue();
        assertThat(filter(Map.of("table.include.list", "public.orders")).spellsOut(ORDERS))
                .isTrue();
        assertThat(filter(Map.of("table.include.list", "public.*")).spellsOut(ORDERS))
                .isFalse();
        assertThat(filter(Map.of()).spellsOut(ORDERS)).isFalse();
    }

    private static CaptureFilter filter(Map<String, String> lists) {
        Map<String, String> props = new HashMap<>(lists);
        props.putAll(
                Map.of("database.hostname", "h", "database.user", "u", "database.dbname", "d", "topic.prefix", "p"));
        return PgSeamSettings.parse(props).capture();
    }
}
