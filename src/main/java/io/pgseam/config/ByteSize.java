package io.pgseam.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * Accepts sizes as PostgreSQL writes them: a whole number of bytes, or one with kB, MB, GB or TB, in powers of 1024.
 * The case of the unit does not matter.
 */
final class ByteSize implements ConfigDef.Validator {

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*(B|kB|MB|GB|TB)?", Pattern.CASE_INSENSITIVE);

    private final long minimum;
    private final String minimumText;

    private ByteSize(String minimum) {
        this.minimum = parse(minimum);
        this.minimumText = minimum;
    }

    static ByteSize atLeast(String minimum) {
        return new ByteSize(minimum);
    }

    /**
     * The number of bytes that a text stands for.
     *
     * @throws IllegalArgumentException where it is not of that form, or more than a long can hold
     */
    static long parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size: '" + text + "'");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2).toUpperCase(Locale.ROOT);
        int shift = switch (unit) {
            case "KB" -> 10;
            case "MB" -> 20;
            case "GB" -> 30;
            case "TB" -> 40;
            default -> 0;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("size too large: '" + text + "'", e);
        }
    }

    @Override
    public void ensureValid(String name, Object value) {
        long bytes;
        try {
            bytes = parse(String.valueOf(value));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    name, value, "must be a number of bytes, or one with kB, MB, GB or TB, like 128MB");
        }
        if (bytes < minimum) {
            throw new ConfigException(name, value, "must be at least " + minimumText);
        }
    }

    @Override
    public String toString() {
        return "size of at least " + minimumText;
    }
}
