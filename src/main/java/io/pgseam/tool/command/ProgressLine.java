package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.ProgressBar;
import io.pgseam.tool.verify.Progress;

/** A line on the terminal that says how a long command gets on. Nothing in a pipe. */
final class ProgressLine implements Progress, AutoCloseable {

    private static final long INTERVAL_NANOS = 200_000_000;
    private static final String CLEAR = "\r\u001b[K";

    private final Console console;
    private String what = "";
    private long total;
    private long done;
    private long lastNanos = System.nanoTime();
    private boolean shown;

    ProgressLine(Console console) {
        this.console = console;
    }

    @Override
    public void begin(String part, long steps) {
        what = part;
        total = steps;
        done = 0;
    }

    @Override
    public void add(long more) {
        done += more;
        if (console.isTerminal() && System.nanoTime() - lastNanos >= INTERVAL_NANOS) {
            lastNanos = System.nanoTime();
            shown = true;
            console.err()
                    .print(CLEAR + ProgressBar.of(total == 0 ? 0 : (double) done / total) + " " + Figures.count(done)
                            + " of " + Figures.count(total) + "  " + what);
            console.err().flush();
        }
    }

    @Override
    public void close() {
        if (shown) {
            console.err().print(CLEAR);
            console.err().flush();
            shown = false;
        }
    }
}
