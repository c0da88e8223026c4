package io.pgseam.stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.TableId;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a signal that asks for some rows of tables: {@code additional-conditions}, or {@code additional-condition} of older releases of
 * Debezium.
 */
final class SignalConditions {

    /** All conditions together; each is part of every offset of the stream until its copy is complete. */
    static final int MOST_CHARACTERS = 8_000;

    /** Debezium's blocking snapshots have whole statements. */
    private static final Pattern STATEMENT = Pattern.compile(
            "\\s*select\\s+\\*\\s+from\\s+(?<table>\\S+)\\s+where\\s(?<condition>.*)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final CopyPlan plan;
    private final SourceCatalog catalog;

    SignalConditions(CopyPlan plan, SourceCatalog catalog) {
        this.plan = plan;
        this.catalog = catalog;
    }

    /**
     * The conditions in parentheses, by OID of their tables; a table without one is copied whole.
     *
     * @param tables those that the signal names, by OID
     * @throws Refusal if a condition cannot be used
     * @throws SQLException if the source does not answer
     */
    Map<Long, String> of(Signal signal, Map<Long, TableId> tables) throws SQLException, Refusal {
        List<Named> conditions = read(signal.data());
        Map<Long, String> byTable = new TreeMap<>();
        for (Map.Entry<Long, TableId> table : tables.entrySet()) {
            Named named = conditions.stream()
                    .filter(condition -> condition.isOf(table.getValue()))
                    .findFirst()
                    .orElse(null);
            if (named != null) {
                byTable.put(table.getKey(), checked(table.getKey(), table.getValue(), named));
            }
        }
        for (Named condition : conditions) {
            if (tables.values().stream().noneMatch(condition::isOf)) {
                throw new Refusal("a condition is of no table that data-collections names");
            }
        }
        return byTable;
    }

    private String checked(long oid, TableId table, Named named) throws SQLException, Refusal {
        Matcher statement = STATEMENT.matcher(named.filter());
        boolean isStatement = statement.matches()
                && (statement.group("table").equals(table.toString())
                        || statement.group("table").equals(table.quoted()));
        RowCondition condition = RowCondition.of(isStatement ? statement.group("condition") : named.filter());
        String fault = condition.fault();
        List<PlannedColumn> columns = plan.tables().stream()
                .filter(planned -> planned.oid() == oid)
                .flatMap(planned -> planned.columns().stream())
                .toList();
        if (fault == null && columns.stream().noneMatch(column -> column.keyPosition() > 0)) {
            fault = "rows of a table without a key would be in its topic twice: ask for the whole table";
        }
        if (fault == null) {
            fault = catalog.fault(oid, columns.stream().map(PlannedColumn::name).toList(), condition)
                    .orElse(null);
        }
        if (fault != null) {
            throw new Refusal("the condition for " + table + " cannot be used: " + fault);
        }
        return "(" + condition.text() + ")";
    }

    private static List<Named> read(JsonNode data) throws Refusal {
        List<Named> conditions = new ArrayList<>();
        JsonNode array = data.path("additional-conditions");
        if (!array.isMissingNode() && !array.isNull() && !array.isArray()) {
            throw new Refusal("additional-conditions is no array");
        }
        try {
            for (JsonNode element : array) {
                if (!element.path("data-collection").isTextual()
                        || !element.path("filter").isTextual()) {
                    throw new Refusal("a condition has no data-collection or no filter, as texts");
                }
                conditions.add(new Named(
                        TableExpression.parse(
                                element.path("data-collection").asText().trim()),
                        element.path("filter").asText()));
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(String.valueOf(e.getMessage()));
        }
        JsonNode older = data.path("additional-condition");
        if (older.isTextual() && !older.asText().isBlank()) {
            conditions.add(new Named(null, older.asText()));
        } else if (older.isContainerNode() || older.isNumber() || older.isBoolean()) {
            throw new Refusal("additional-condition is no text");
        }
        return conditions;
    }

    /** @param tables of which tables it is; null for all */
    private record Named(@Nullable TableExpression tables, String filter) {

        boolean isOf(TableId table) {
            return tables == null || tables.matches(table);
        }
    }
}
