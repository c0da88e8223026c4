package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.ServerVersion;
import io.pgseam.tool.dialect.StarRocks;
import io.pgseam.tool.outcome.CommandFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands for one database at the other end: {@code pgseam starrocks}, {@code doris}, {@code clickhouse}. */
@Command(
        synopsisSubcommandLabel = "COMMAND",
        exitCodeList = {"0:As of the command.", "1:As of the command.", "2:As of the command."})
abstract class DatabaseCommand extends ToolCommand {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private DatabaseCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), PgSeamCommand.MISSING);
    }

    /** {@code pgseam starrocks}. */
    @Command(name = "starrocks", description = "Writes statements for StarRocks: tables, and Routine Load jobs.")
    static final class OfStarRocks extends DatabaseCommand {

        OfStarRocks(Console console) {
            super(console);
        }
    }

    /** {@code pgseam doris}. */
    @Command(name = "doris", description = "Writes statements for Apache Doris: tables, and Routine Load jobs.")
    static final class OfDoris extends DatabaseCommand {

        OfDoris(Console console) {
            super(console);
        }
    }

    /** {@code pgseam clickhouse}. */
    @Command(
            name = "clickhouse",
            description = "Writes statements for ClickHouse: tables, and what loads them from Kafka.")
    static final class OfClickHouse extends DatabaseCommand {

        OfClickHouse(Console console) {
            super(console);
        }
    }

    /** Which StarRocks: what it accepts differs. */
    static final class StarRocksVersion {

        @Option(
                names = "--starrocks-version",
                paramLabel = "VERSION",
                description =
                        "The version of StarRocks, such as 3.5 or 3.3.12. " + StarRocks.USUAL_VERSION + " by default.")
        private String version = StarRocks.USUAL_VERSION;

        Dialect dialect() {
            try {
                return new StarRocks(ServerVersion.parse(version));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure("--starrocks-version " + e.getMessage(), e);
            }
        }
    }
}
