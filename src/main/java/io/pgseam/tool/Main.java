package io.pgseam.tool;

import io.pgseam.tool.command.PgSeamCommand;
import io.pgseam.tool.console.Console;
import java.util.List;

/** Runs the command line; {@code bin/pgseam} starts it. */
public final class Main {

    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    private Main() {}

    /** Runs one command, and ends the process with its exit status. */
    public static void main(String[] args) {
        // Before the first logger is made. Commands report failures themselves; the log of Kafka's clients would say
        // them again.
        if (System.getProperty(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, List.of(args).contains("--debug") ? "info" : "off");
        }
        System.exit(PgSeamCommand.commandLine(Console.ofProcess()).execute(args));
    }
}
