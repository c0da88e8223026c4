package io.pgseam.tool.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** The standard streams of a command, and whether a person sees them on a terminal. */
public final class Console {

    private static final int NARROWEST = 40;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final PrintStream err;
    private final InputStream in;
    private final boolean terminal;
    private final boolean colours;
    private final int columns;

    /**
     * @param terminal whether {@code out} is a terminal: only then are there colours and live views
     * @param columns the terminal's width in characters
     * @param environment environment variables: {@code NO_COLOR} and {@code TERM=dumb} turn colours off
     */
    public Console(
            PrintStream out,
            PrintStream err,
            InputStream in,
            boolean terminal,
            int columns,
            Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.in = in;
        this.terminal = terminal && !"dumb".equals(environment.get("TERM"));
        this.colours = this.terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
        this.columns = Math.max(NARROWEST, columns);
    }

    /** The streams of this process; {@code bin/pgseam} says by system properties whether they are a terminal. */
    public static Console ofProcess() {
        return new Console(
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.in,
                Boolean.getBoolean("pgseam.terminal"),
                Integer.getInteger("pgseam.columns", 100),
                System.getenv());
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    public InputStream in() {
        return in;
    }

    public boolean isTerminal() {
        return terminal;
    }

    public int columns() {
        return columns;
    }

    /** Writes one line of the result. */
    public void line(String text) {
        out.println(text);
    }

    /** Writes a line that is no part of the result, such as a warning. */
    public void note(String text) {
        err.println(text);
    }

    /** Writes a result as indented JSON. */
    public void json(JsonNode result) {
        try {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a JSON tree", e);
        }
    }

    public String bold(String text) {
        return styled("1", text);
    }

    public String faint(String text) {
        return styled("2", text);
    }

    public String red(String text) {
        return styled("31", text);
    }

    public String green(String text) {
        return styled("32", text);
    }

    public String yellow(String text) {
        return styled("33", text);
    }

    private String styled(String code, String text) {
        return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /**
     * Asks for a yes.
     *
     * @return true only after {@code y} or {@code yes}; false also at the end of the input
     */
    public boolean confirms(String question) throws IOException {
        out.print(question + " [y/N] ");
        out.flush();
        String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        return answer != null
                && (answer.strip().toLowerCase(Locale.ROOT).equals("y")
                        || answer.strip().toLowerCase(Locale.ROOT).equals("yes"));
    }
}
