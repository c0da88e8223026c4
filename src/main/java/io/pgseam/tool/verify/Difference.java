package io.pgseam.tool.verify;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A row that is not the same at both ends.
 *
 * @param kind how it differs
 * @param key the columns that name it, as JSON; null if the table has no key
 * @param partition the partition of the topic that has it; -1 if it is in none
 * @param offset its offset there, of the last message; -1 if it is in none
 */
public record Difference(Kind kind, @Nullable String key, int partition, long offset) {

    /** How a row differs. */
    public enum Kind {
        /** The source has it, and the topic has not. */
        MISSING,
        /** The topic has it, and the source has not. */
        EXTRA,
        /** The values differ. */
        DIFFERENT;

        /** As JSON has it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
