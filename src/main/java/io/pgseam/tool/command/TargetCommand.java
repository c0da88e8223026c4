package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.dialect.TargetTables;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.source.CaptureCatalog;
import io.pgseam.tool.source.SourceSession;
import io.pgseam.tool.source.TableDescriptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes statements for the captured tables. */
abstract class TargetCommand extends ToolCommand {

    @Mixin
    final ConfigurationArgument configuration = new ConfigurationArgument();

    @Parameters(
            index = "1..*",
            paramLabel = "TABLE",
            description = "Source tables, as schema.table. By default every captured table.")
    private List<String> named = List.of();

    @Mixin
    final TargetOptions target = new TargetOptions();

    @Mixin
    final OutputOptions output = new OutputOptions();

    private final Supplier<Dialect> dialect;

    /** @param dialect the database at the other end; asked for when options are known */
    TargetCommand(Console console, Supplier<Dialect> dialect) {
        super(console);
        this.dialect = dialect;
    }

    /** Writes the statements of these tables. */
    abstract void write(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
            Statements statements);

    @Override
    public Integer call() {
        Map<String, String> props = configuration.read(console.in());
        PgSeamSettings connector = configuration.parse(props);
        Dialect sql = dialect.get();
        TargetSettings settings = target.settings(connector, props, sql);
        TargetTables made;
        try (SourceSession source = SourceSession.open(connector.connection(), "tables")) {
            made = source.ask(session -> {
                List<CapturedTable> captured = new CaptureCatalog(connector, session).tables();
                TableDescriptions descriptions = TableDescriptions.of(
                        session, captured.stream().map(CapturedTable::oid).toList());
                return TargetTables.of(
                        captured, table -> connector.topics().topicFor(table.id()), new Described(descriptions));
            });
        }
        List<TargetTable> wanted = made.tables().stream()
                .filter(table ->
                        named.isEmpty() || named.contains(table.source().toString()))
                .toList();
        ensureAllFound(wanted);
        Statements statements = new Statements();
        write(wanted, sql, settings, connector, statements);
        statements.warn(made.warnings());
        if (named.isEmpty()) {
            statements.skip(made.skipped());
        }
        return statements.write(console, output.json());
    }

    private void ensureAllFound(List<TargetTable> wanted) {
        List<String> unknown = new ArrayList<>(named);
        wanted.forEach(table -> unknown.remove(table.source().toString()));
        if (!unknown.isEmpty()) {
            throw new CommandFailure("not captured, or without a key: " + String.join(", ", unknown)
                    + ". pgseam plan lists the captured tables, as schema.table");
        }
    }

    private record Described(TableDescriptions descriptions) implements TargetTables.Descriptions {

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
