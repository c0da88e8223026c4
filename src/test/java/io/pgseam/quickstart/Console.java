package io.pgseam.quickstart;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The quickstart's own lines, each with the seconds since its start. Silent once the user has asked it to end. */
final class Console {

    private final PrintStream out;
    private final long start = System.nanoTime();
    private volatile boolean silent;

    Console(PrintStream out) {
        this.out = out;
    }

    /** Prints a line as {@link String#format} makes it. */
    void say(String format, Object... arguments) {
        if (!silent) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            out.printf(Locale.ROOT, "[%3d s] %s%n", seconds, String.format(Locale.ROOT, format, arguments));
        }
    }

    /** Prints a line of what was said before, below its text. */
    void detail(String format, Object... arguments) {
        if (!silent) {
            out.printf(Locale.ROOT, "        %s%n", String.format(Locale.ROOT, format, arguments));
        }
    }

    /** Prints a line as it is. */
    void line(String text) {
        if (!silent) {
            out.println(text);
        }
    }

    void silence() {
        silent = true;
    }

    boolean isSilent() {
        return silent;
    }
}
