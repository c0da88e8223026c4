package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.dialect.TargetTables;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.DatabaseOptions;
import io.pgseam.tool.target.Target;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
    final DatabaseOptions databaseOptions = new DatabaseOptions();

    @Option(
            names = "--apply",
            description =
                    "Run the statements in the database that --target names, and write each as it runs. What exists is left as it"
                            + " is: the command can be run again.")
    private boolean apply;

    @Mixin
    final OutputOptions output = new OutputOptions();

    private final Supplier<Dialect> dialect;

    /** @param dialect the database at the other end; asked for when options are known */
    TargetCommand(Console console, Supplier<Dialect> dialect) {
        super(console);
        this.dialect = dialect;
    }

    /**
     * Collects the statements of these tables.
     *
     * @param session where they will run; empty if they are only written and the command does not ask the database
     */
    abstract void collect(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
            Optional<Target> session,
            Statements statements);

    /** Whether the command asks the database even if it runs nothing there. */
    boolean asksTarget() {
        return false;
    }

    @Override
    public Integer call() {
        PgSeamSettings connector = configuration.settings(console.in());
        Dialect sql = dialect.get();
        TargetSettings settings = target.settings(connector, sql);
        if (!apply && !asksTarget()) {
            return write(connector, sql, settings, Optional.empty());
        }
        try (Target session = databaseOptions.open(sql.kind())) {
            return write(connector, sql, settings, Optional.of(session));
        }
    }

    private int write(PgSeamSettings connector, Dialect sql, TargetSettings settings, Optional<Target> session) {
        TargetTables made = CapturedTargets.read(connector);
        List<TargetTable> wanted = CapturedTargets.named(made, named);
        Statements statements = new Statements();
        collect(wanted, sql, settings, connector, session, statements);
        statements.warn(made.warnings());
        if (named.isEmpty()) {
            statements.skip(made.skipped());
        }
        return statements.write(console, output.json(), apply ? session : Optional.empty());
    }
}
