package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.dialect.TargetTables;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.source.CaptureCatalog;
import io.pgseam.tool.source.SourceSession;
import io.pgseam.tool.source.TableDescriptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables at the other end that the captured tables become, as the source's catalogue has them now. */
final class CapturedTargets {

    private CapturedTargets() {}

    /**
     * Asks the source.
     *
     * @throws CommandFailure if it does not answer
     */
    static TargetTables read(PgSeamSettings connector) {
        try (SourceSession source = SourceSession.open(connector.connection(), "tables")) {
            return source.ask(connection -> {
                List<CapturedTable> captured = new CaptureCatalog(connector, connection).tables();
                TableDescriptions descriptions = TableDescriptions.of(
                        connection, captured.stream().map(CapturedTable::oid).toList());
                return TargetTables.of(
                        captured, table -> connector.topics().topicFor(table.id()), new Described(descriptions));
            });
        }
    }

    /**
     * The tables that are named, or all of them if none is.
     *
     * @throws CommandFailure if one that is named is not there
     */
    static List<TargetTable> named(TargetTables targets, List<String> names) {
        if (names.isEmpty()) {
            return targets.tables();
        }
        List<TargetTable> found = targets.tables().stream()
                .filter(table -> names.contains(table.source().toString()))
                .toList();
        List<String> unknown = new ArrayList<>(names);
        found.forEach(table -> unknown.remove(table.source().toString()));
        if (!unknown.isEmpty()) {
            throw new CommandFailure("not captured, or without a key: " + String.join(", ", unknown)
                    + ". pgseam plan lists the captured tables, as schema.table");
        }
        return found;
    }

    /** What the catalogue says of tables. */
    record Described(TableDescriptions descriptions) implements TargetTables.Descriptions {

        @Override
        public @Nullable String tableComment(CapturedTable table) {
            return descriptions.comment(table.oid());
        }

        @Override
        public @Nullable String columnComment(CapturedTable table, String column) {
            return descriptions.column(table.oid(), column).comment();
        }

        @Override
        public int dimensions(CapturedTable table, String column) {
            return descriptions.column(table.oid(), column).dimensions();
        }
    }
}
