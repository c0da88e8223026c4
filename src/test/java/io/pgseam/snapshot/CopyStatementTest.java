package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyStatementTest {

    private static final TableId LEAF = new TableId("public", "orders_2024");

    private static CopyStatement statement(CapturedTable table, TableId leaf) {
        return new CopyStatement(PlannedTable.of(table), leaf, 16412);
    }

    @Test
    void readsARangeOfBlocks() {
        CopyStatement statement = statement(SamplePlans.table("orders", null, List.of("id", "note")), LEAF);
        assertThat(statement.forBlocks(16, 32))
                .isEqualTo("COPY (SELECT \"id\", \"note\" FROM ONLY \"public\".\"orders_2024\""
                        + " WHERE ctid >= '(16,0)'::tid AND ctid < '(32,0)'::tid AND tableoid = 16412) TO STDOUT");
    }

    @Test
    void quotesEveryName() {
        CopyStatement statement = statement(
                SamplePlans.table("orders", null, List.of("Id", "a \"b\"", "größe")), new TableId("My Schema", "x\"y"));
        assertThat(statement.forBlocks(0, 1))
                .startsWith("COPY (SELECT \"Id\", \"a \"\"b\"\"\", \"größe\" FROM ONLY \"My Schema\".\"x\"\"y\" WHERE");
    }

    @Test
    void appliesTheConditionOfASignalBesideThePublicationsRowFilter() {
        CopyStatement statement = new CopyStatement(
                PlannedTable.of(SamplePlans.table("orders", "a > 1", List.of("id"))),
                LEAF,
                16412,
                "(b) OR (c)",
                Set.of());
        assertThat(statement.forBlocks(0, 8)).endsWith(" AND (a > 1) AND ((b) OR (c))) TO STDOUT");
    }

    @Test
    void appliesThePublicationsRowFilter() {
        CopyStatement statement =
                statement(SamplePlans.table("orders", "(a > 1) OR (b = 'x''y')", List.of("id")), LEAF);
        assertThat(statement.forBlocks(0, 8))
                .endsWith(" AND ctid < '(8,0)'::tid AND tableoid = 16412 AND ((a > 1) OR (b = 'x''y'))) TO STDOUT");
    }
}
