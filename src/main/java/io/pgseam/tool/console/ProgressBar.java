package io.pgseam.tool.console;

/** A bar of fixed width, in ASCII so that it looks the same in logs. */
public final class ProgressBar {

    private static final int WIDTH = 20;

    private ProgressBar() {}

    /**
     * A bar.
     *
     * @param fraction from 0 to 1; a bar is full only at 1
     */
    public static String of(double fraction) {
        int full = (int) Math.floor(Math.max(0, Math.min(1, fraction)) * WIDTH);
        return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "]";
    }
}
