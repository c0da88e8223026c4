package io.pgseam.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.command.PgSeamCommand;
import io.pgseam.tool.connect.ConnectRest;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.input.FileFailures;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void aLookNeedsAnIntervalAndConnectAnAddress() {
        assertThat(CommandLineSession.piped()
                        .run("status", "x.json", "--interval", "0s")
                        .err())
                .isEqualTo("pgseam status: --interval 0 would ask all the time: give 1s or more\n");
        assertThatThrownBy(() -> new ConnectRest(URI.create("nonsense")).state("shop"))
                .hasMessage("nonsense is no address of Connect: give one such as http://localhost:8083");
    }

    /** Doris' Routine Load reads one JSON value of a message: rows after the first would be missing, or stop the job. */
    @Test
    void messagesThatATargetDoesNotReadAreRefused() {
        String packed = """
                {"connector.class": "io.pgseam.PgSeamSourceConnector", "database.hostname": "localhost", "database.user": "u",
                 "database.password": "p", "database.dbname": "shop", "topic.prefix": "shop", "flat.pack.bytes": "16kB",
                 "flat.metadata.fields": "__op,__lsn,__seq,__ver"}""";
        CommandLineSession.Result lines =
                CommandLineSession.piped().typing(packed).run("doris", "ddl", "-");
        assertThat(lines.status()).isEqualTo(2);
        assertThat(lines.err()).contains("Doris reads one JSON value in a message", "set flat.pack.form=array");
    }

    @Test
    void aFailureIsOneLineThatNamesTheCommand() {
        CommandLineSession.Result result = CommandLineSession.piped().run("check", "/no/such.json");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).isEqualTo("pgseam check: there is no file /no/such.json");
    }

    @Test
    void aFileThatCannotBeReadIsSaidInWords() {
        assertThat(CommandLineSession.piped().run("check", "/").err())
                .isEqualTo("pgseam check: cannot read configuration /: Is a directory\n");
        String configuration = """
                {"connector.class": "io.pgseam.PgSeamSourceConnector", "database.hostname": "localhost", "database.user": "u",
                 "database.password": "p", "database.dbname": "shop", "topic.prefix": "shop"}""";
        assertThat(CommandLineSession.piped()
                        .typing(configuration)
                        .run("seam", "-", "--command-config", "/no/such.properties")
                        .err())
                .isEqualTo(
                        "pgseam seam: cannot read the properties of Kafka's clients from /no/such.properties: there is no such"
                                + " file or directory\n");
        assertThat(FileFailures.reason(catchThrowableOfType(
                        JsonProcessingException.class, () -> new ObjectMapper().readTree("{\"a\":\n hidden"))))
                .isEqualTo("it is not valid JSON (line 2, column 2)");
    }

    @Test
    void helpHasColoursOnATerminalOnly() {
        assertThat(CommandLineSession.piped().run("--help").out()).doesNotContain("\u001b[");
        assertThat(CommandLineSession.onTerminal().run("--help").out()).contains("\u001b[");
    }

    @Test
    void theDocumentationHasEveryCommandAndOption() throws IOException {
        String documentation = Files.readString(Path.of("docs", "command-line.md"));
        for (CommandSpec command : commands()) {
            assertThat(documentation).contains(command.name());
            for (OptionSpec option : command.options()) {
                if (!option.usageHelp() && !option.versionHelp()) {
                    assertThat(documentation)
                            .as(command.qualifiedName() + " " + option.longestName())
                            .contains(option.longestName());
                }
            }
        }
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
