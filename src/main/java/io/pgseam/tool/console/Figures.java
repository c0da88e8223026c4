package io.pgseam.tool.console;

import java.time.Duration;
import java.util.Locale;

/** Numbers for people. JSON has them raw. */
public final class Figures {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
    private static final int STEP = 1024;

    private Figures() {}

    /** With thousands separators. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 table}, {@code 2 tables}. */
    public static String count(long number, String thing) {
        return count(number) + " " + thing + (number == 1 ? "" : "s");
    }

    /** A size in powers of 1024, as PostgreSQL writes it: {@code 841 MB}. */
    public static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    /** The same for a rate or a share. */
    public static String bytes(double bytes) {
        double value = Math.abs(bytes);
        int unit = 0;
        while (value >= STEP && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        String form = unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s";
        return (bytes < 0 ? "-" : "") + String.format(Locale.ROOT, form, value, UNITS[unit]);
    }

    /** {@code 24 s}, {@code 3 min 5 s}, {@code 2 h 4 min}, {@code 3 d 1 h}. */
    public static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        if (seconds < 86_400) {
            return seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
        }
        return seconds / 86_400 + " d " + seconds / 3_600 % 24 + " h";
    }
}
