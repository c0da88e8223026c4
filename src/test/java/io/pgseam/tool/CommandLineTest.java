package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.tool.command.PgSeamCommand;
import io.pgseam.tool.console.Console;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What all commands have in common. */
class CommandLineTest {

    @Test
    void everyCommandAndOptionIsDescribedAndSaysWhatItsExitStatusMeans() {
        for (CommandSpec command : commands()) {
            assertThat(command.usageMessage().description())
                    .as(command.qualifiedName())
                    .isNotEmpty();
            if (command.name().equals("completion")) {
                continue;
            }
            for (OptionSpec option : command.options()) {
                assertThat(option.description())
                        .as(command.qualifiedName() + " " + option.longestName())
                        .isNotEmpty();
            }
            assertThat(command.usageMessage().exitCodeList())
                    .as(command.qualifiedName())
                    .containsOnlyKeys("0", "1", "2");
        }
    }

    @Test
    void everyCommandWithAResultHasItAsJson() {
        assertThat(commands())
                .filteredOn(command -> !command.positionalParameters().isEmpty())
                .isNotEmpty()
                .allSatisfy(command -> assertThat(command.findOption("--json"))
                        .as(command.qualifiedName())
                        .isNotNull());
    }

    @Test
    void wrongUsageIsNoAnswer() {
        assertThat(CommandLineSession.piped().run().status()).isEqualTo(2);
        assertThat(CommandLineSession.piped().run("check").status()).isEqualTo(2);
        assertThat(CommandLineSession.piped().run("slots").err()).contains("configuration is missing");
        assertThat(CommandLineSession.piped()
                        .run("check", "x.json", "--nonsense")
                        .status())
                .isEqualTo(2);
    }

    @Test
    void aMistakeIsNotHiddenByTheHelp() {
        assertThat(CommandLineSession.piped()
                        .run("status", "x.json", "--nonsense")
                        .err())
                .startsWith("pgseam status: Unknown option: '--nonsense'\n")
                .endsWith("pgseam status --help describes the command\n")
                .hasLineCount(2);
        assertThat(CommandLineSession.piped().run("statsu").err())
                .contains("pgseam: Unmatched argument at index 0: 'statsu'", "Did you mean", "status");
        assertThat(CommandLineSession.piped().run("starrocks").err()).contains("Missing command", "routine-load");
    }

    @Test
    void whatDoesNothingIsAMistake() {
        assertThat(CommandLineSession.piped()
                        .run("verify", "x.json", "public.a")
                        .err())
                .contains("tables are chosen with --source or --target");
    }

    @Test
    void aFailureIsOneLineThatNamesTheCommand() {
        CommandLineSession.Result result = CommandLineSession.piped().run("check", "/no/such.json");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).isEqualTo("pgseam check: there is no file /no/such.json");
    }

    @Test
    void helpHasColoursOnATerminalOnly() {
        assertThat(CommandLineSession.piped().run("--help").out()).doesNotContain("\u001b[");
        assertThat(CommandLineSession.onTerminal().run("--help").out()).contains("\u001b[");
    }

    @Test
    void completionKnowsEveryCommand() {
        String script = CommandLineSession.piped().run("completion").out();

        assertThat(commands()).allSatisfy(command -> assertThat(script).contains(command.name()));
    }

    private static List<CommandSpec> commands() {
        List<CommandSpec> commands = new ArrayList<>();
        collect(PgSeamCommand.commandLine(Console.ofProcess()), commands);
        return commands;
    }

    private static void collect(CommandLine line, List<CommandSpec> commands) {
        commands.add(line.getCommandSpec());
        line.getSubcommands().values().forEach(subcommand -> collect(subcommand, commands));
    }
}
