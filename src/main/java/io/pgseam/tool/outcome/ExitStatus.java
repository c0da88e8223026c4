package io.pgseam.tool.outcome;

/** The exit statuses of every command: as of {@code diff} and {@code grep}, 1 is an answer and 2 is none. */
public final class ExitStatus {

    /** The command did what it was asked, or answers yes. */
    public static final int OK = 0;

    /** The command answers no: faults were found, a wait timed out, a question was denied. */
    public static final int NO = 1;

    /** No answer: the command line is wrong, or the source, Kafka or Connect could not be asked. */
    public static final int FAILED = 2;

    private ExitStatus() {}
}
