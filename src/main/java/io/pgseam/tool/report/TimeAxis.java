package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a moment is in a chart.
 *
 * @param fromMs the left end, in ms since 1970
 * @param toMs the right end
 * @param left where the left end is in the chart
 * @param width how wide the chart is from there
 */
record TimeAxis(long fromMs, long toMs, double left, double width) {

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final long[] STEPS = {
        10,
        20,
        50,
        100,
        200,
        500,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        20 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        20 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        30 * DAY,
        365 * DAY
    };
    private static final int MOST_TICKS = 9;

    /** A labelled place. */
    record Tick(double x, String label) {}

    TimeAxis {
        if (toMs <= fromMs) {
            toMs = fromMs + 1;
        }
    }

    double x(long ms) {
        double part = (Math.max(fromMs, Math.min(toMs, ms)) - fromMs) / (double) (toMs - fromMs);
        return left + part * width;
    }

    /** Round durations since the left end. */
    List<Tick> ticks() {
        long length = toMs - fromMs;
        long step = STEPS[STEPS.length - 1];
        for (long each : STEPS) {
            if (length / each < MOST_TICKS) {
                step = each;
                break;
            }
        }
        List<Tick> ticks = new ArrayList<>();
        for (long at = 0; at <= length; at += step) {
            ticks.add(new Tick(x(fromMs + at), at == 0 ? "0" : label(at)));
        }
        return ticks;
    }

    private static String label(long ms) {
        return ms % SECOND == 0
                ? Figures.duration(Duration.ofMillis(ms))
                        .replace(" 0 s", "")
                        .replace(" 0 min", "")
                        .replace(" 0 h", "")
                : String.format(Locale.ROOT, "%d ms", ms);
    }

    /** A coordinate as SVG has it. */
    static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }
}
