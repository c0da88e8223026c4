package io.pgseam.stream;

import io.pgseam.pg.TableId;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A table's name in a signal, or a regular expression that matches names, as in Debezium's signals. The author of a signal may write any
 * expression: none costs more than a moment.
 */
final class TableExpression {

    private static final int LONGEST = 1_000;

    /** So many characters are looked at for one name. A sound expression needs some for each character of the name. */
    private static final int MOST_STEPS = 100_000;

    private final String text;
    private final @Nullable Pattern pattern;

    private TableExpression(String text, @Nullable Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /** @throws IllegalArgumentException if it is too long or no expression; the message can be told to its writer */
    static TableExpression parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an expression in data-collections is longer than " + LONGEST + " characters");
        }
        try {
            return new TableExpression(text, Pattern.compile(text, Pattern.CASE_INSENSITIVE));
        } catch (PatternSyntaxException e) {
            // A name need not be an expression.
            return new TableExpression(text, null);
        }
    }

    /** @throws IllegalArgumentException if it takes too long to find that out */
    boolean matches(TableId table) {
        String name = table.toString();
        return name.equals(text)
                || (pattern != null
                        && pattern.matcher(new Counted(name, new AtomicInteger()))
                                .matches());
    }

    @Override
    public String toString() {
        return text;
    }

    /** A text that can be looked at only so often. */
    private record Counted(CharSequence text, AtomicInteger steps) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (steps.incrementAndGet() > MOST_STEPS) {
                throw new IllegalArgumentException(
                        "an expression in data-collections takes too long: write a simpler one");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.subSequence(start, end), steps);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
