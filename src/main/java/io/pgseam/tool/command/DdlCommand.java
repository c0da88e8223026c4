package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.target.Target;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

/** {@code pgseam starrocks ddl}, and that of the other databases. */
@Command(
        name = "ddl",
        description = "Writes a CREATE TABLE for each captured table: types with their lengths, keys first, comments.",
        exitCodeList = {
            "0:The statements are written, and with --apply they have run.",
            "1:A captured table has no key, and so no statement.",
            "2:The source or the target could not be asked, or messages do not have what the target needs."
        })
class DdlCommand extends TargetCommand {

    DdlCommand(Console console, Supplier<Dialect> dialect) {
        super(console, dialect);
    }

    @Override
    void collect(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
            Optional<Target> session,
            Statements statements) {
        statements.add("database " + settings.database(), List.of(sql.createDatabase(settings)));
        for (TargetTable table : tables) {
            statements.add(table.source().toString(), sql.create(table, settings));
            statements.warn(sql.warnings(table, settings));
        }
    }
}
