package io.pgseam.tool.dialect;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of StarRocks, and what depends on it. */
public record ServerVersion(int major, int minor, int patch) implements Comparable<ServerVersion> {

    private static final Pattern FORM = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,3}))?.*");

    private static final ServerVersion V3_3_12 = new ServerVersion(3, 3, 12);
    private static final ServerVersion V3_4 = new ServerVersion(3, 4, 0);
    private static final ServerVersion V3_4_2 = new ServerVersion(3, 4, 2);
    private static final ServerVersion V3_4_7 = new ServerVersion(3, 4, 7);
    private static final ServerVersion V3_5 = new ServerVersion(3, 5, 0);
    private static final ServerVersion V3_5_4 = new ServerVersion(3, 5, 4);

    /**
     * Reads {@code 3.5} or {@code 3.3.12}; without the last number it is the newest of its line.
     *
     * @throws IllegalArgumentException if it has another form
     */
    public static ServerVersion parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a version such as 3.5 or 3.3.12");
        }
        return new ServerVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3) == null ? 999 : Integer.parseInt(matcher.group(3)));
    }

    boolean isBefore(ServerVersion other) {
        return compareTo(other) < 0;
    }

    /** Older servers refuse the property; and without it, a message that is no JSON is retried for ever. */
    boolean knowsPauseOnFatalParseError() {
        return !isBefore(V3_4_2) || (!isBefore(V3_3_12) && isBefore(V3_4));
    }

    boolean forgetsTheErrorRatio() {
        return isBefore(V3_4_7) || (!isBefore(V3_5) && isBefore(V3_5_4));
    }

    @Override
    public int compareTo(ServerVersion other) {
        return Comparator.comparingInt(ServerVersion::major)
                .thenComparingInt(ServerVersion::minor)
                .thenComparingInt(ServerVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return patch == 999 ? major + "." + minor : major + "." + minor + "." + patch;
    }
}
