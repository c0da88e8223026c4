package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Doris;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code pgseam} itself: knows the commands, and how failures are reported. */
@Command(
        name = "pgseam",
        description = "The command line of pgseam, the Kafka Connect source connector for PostgreSQL.",
        footer = {
            "",
            "pgseam COMMAND --help describes a command, docs/command-line.md all of them.",
            "For completion in bash or zsh: source <(pgseam completion)"
        },
        exitCodeList = {
            "0:The command did what it was asked, or answers yes.",
            "1:The command answers no.",
            "2:No answer: wrong usage, or PostgreSQL, Kafka or Connect could not be asked."
        })
public final class PgSeamCommand extends ToolCommand {

    /** Says that a command with commands of its own was called without one of them. */
    static final String MISSING = "Missing command";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private PgSeamCommand(Console console) {
        super(console);
    }

    /** The command line with all its commands. */
    public static CommandLine commandLine(Console console) {
        CommandLine line = new CommandLine(new PgSeamCommand(console))
                .addSubcommand(new CheckCommand(console))
                .addSubcommand(new PlanCommand(console))
                .addSubcommand(withCommands(new SlotsCommand(console), new SlotsDropCommand(console)))
                .addSubcommand(new StatusCommand(console))
                .addSubcommand(new SeamCommand(console))
                .addSubcommand(new WaitCommand(console))
                .addSubcommand(new VerifyCommand(console))
                .addSubcommand(new ReportCommand(console))
                .addSubcommand(starRocks(console))
                .addSubcommand(new CommandLine(new DatabaseCommand.OfDoris(console))
                        .addSubcommand(new DdlCommand(console, Doris::new))
                        .addSubcommand(new RoutineLoadCommand(console, Doris::new))
                        .addSubcommand(new MigrateCommand(console, Doris::new)))
                .addSubcommand(new CommandLine(new DatabaseCommand.OfClickHouse(console))
                        .addSubcommand(new DdlCommand(console, ClickHouse::new))
                        .addSubcommand(new ClickHouseLoadCommand(console))
                        .addSubcommand(new MigrateCommand(console, ClickHouse::new)))
                .addSubcommand("completion", completion());
        line.setOut(writer(console.out()));
        line.setErr(writer(console.err()));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                console.isTerminal() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setUsageHelpWidth(Math.min(120, console.columns()));
        line.setUsageHelpAutoWidth(false);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((failure, arguments) -> reportUsage(console, failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> report(console, failure, command, parsed));
        return line;
    }

    /** What StarRocks accepts depends on its version, which each of its commands has to know. */
    private static CommandLine starRocks(Console console) {
        DatabaseCommand.StarRocksVersion version = new DatabaseCommand.StarRocksVersion();
        CommandLine ddl = new CommandLine(new DdlCommand(console, version::dialect));
        CommandLine load = new CommandLine(new RoutineLoadCommand(console, version::dialect));
        CommandLine migrate = new CommandLine(new MigrateCommand(console, version::dialect));
        return new CommandLine(new DatabaseCommand.OfStarRocks(console))
                .addSubcommand(ddl.addMixin("version", version))
                .addSubcommand(load.addMixin("version", version))
                .addSubcommand(migrate.addMixin("version", version));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** A command that also has commands of its own: these take the configuration, and not both of them. */
    private static CommandLine withCommands(Object command, Object... subcommands) {
        CommandLine line = new CommandLine(command);
        CommandSpec spec = line.getCommandSpec();
        for (PositionalParamSpec parameter : List.copyOf(spec.positionalParameters())) {
            spec.remove(parameter);
            spec.add(PositionalParamSpec.builder(parameter)
                    .arity("0..1")
                    .required(false)
                    .build());
        }
        for (Object subcommand : subcommands) {
            line.addSubcommand(subcommand);
        }
        return line;
    }

    private static CommandLine completion() {
        CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().name("completion");
        completion
                .getCommandSpec()
                .usageMessage()
                .description("Writes a script that completes commands and options in bash and zsh.");
        return completion;
    }

    /** A mistake is a line or two: the whole help would hide what is wrong. Only without a command, the help is the answer. */
    private static int reportUsage(Console console, ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        boolean noCommand = MISSING.equals(failure.getMessage());
        console.note(
                noCommand
                        ? MISSING
                        : name + ": " + String.valueOf(failure.getMessage()).replaceFirst("^Error: ", ""));
        if (noCommand) {
            command.usage(command.getErr());
        } else if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
            console.note(name + " --help describes the command");
        }
        return ExitStatus.FAILED;
    }

    private static int report(Console console, Exception failure, CommandLine command, ParseResult parsed) {
        boolean debug = parsed.hasMatchedOption("--debug");
        String name = command.getCommandSpec().qualifiedName();
        if (failure instanceof CommandFailure) {
            console.note(name + ": " + failure.getMessage());
        } else {
            console.note(name + ": unexpected failure: " + failure + (debug ? "" : ". --debug shows where"));
        }
        if (debug) {
            failure.printStackTrace(console.err());
        }
        return ExitStatus.FAILED;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), MISSING);
    }
}
