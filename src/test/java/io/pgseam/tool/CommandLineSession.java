package io.pgseam.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.command.PgSeamCommand;
import io.pgseam.tool.console.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Runs commands in this JVM, as a user with a pipe or a terminal would. */
public final class CommandLineSession {

    /**
     * How a command ended.
     *
     * @param status its exit status
     * @param out what it wrote to standard output
     * @param err what it wrote to standard error
     */
    public record Result(int status, String out, String err) {

        /** Standard output as JSON. */
        public JsonNode json() {
            if (out.isBlank()) {
                throw new AssertionError("no output: " + this);
            }
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + this, e);
            }
        }
    }

    private final boolean terminal;
    private final String input;

    private CommandLineSession(boolean terminal, String input) {
        this.terminal = terminal;
        this.input = input;
    }

    /** Output goes to a pipe; standard input is empty. */
    public static CommandLineSession piped() {
        return new CommandLineSession(false, "");
    }

    /** Output goes to a terminal; standard input is empty. */
    public static CommandLineSession onTerminal() {
        return new CommandLineSession(true, "");
    }

    /** The same with this text on standard input. */
    public CommandLineSession typing(String text) {
        return new CommandLineSession(terminal, text);
    }

    /** Runs one command. */
    public Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                terminal,
                120,
                Map.of());
        int status = PgSeamCommand.commandLine(console).execute(arguments);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
