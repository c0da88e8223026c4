package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.verify.Verdict;

/** Verdicts for people, and for the shell. */
final class VerdictWords {

    private VerdictWords() {}

    static String word(Console console, Verdict verdict) {
        return switch (verdict) {
            case EQUAL -> console.green("equal");
            case DIFFERENT -> console.red("DIFFERENT");
            case UNKNOWN -> console.yellow("not proved");
        };
    }

    static int status(Verdict verdict) {
        return switch (verdict) {
            case EQUAL -> ExitStatus.OK;
            case DIFFERENT -> ExitStatus.NO;
            case UNKNOWN -> ExitStatus.FAILED;
        };
    }
}
