package io.pgseam.config;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A setting of Debezium's PostgreSQL connector, and what pgseam makes of it.
 *
 * @param name its name; for a family of settings, the name as Debezium documents it, with its variable parts in capitals
 * @param pattern the expression that the names of a family match; null for a single name
 * @param verdict what happens if it is set
 * @param harmless the values with which pgseam does what is asked for, in lower case; they are accepted without a word
 * @param meaning what pgseam does instead and what to do, as sentences
 */
record DebeziumSetting(String name, @Nullable Pattern pattern, Verdict verdict, Set<String> harmless, String meaning) {

    /** What happens if a setting of Debezium's is set. */
    enum Verdict {
        /** It has the same name and meaning here. */
        SAME,
        /** It has the same name here, and another default or a part that differs. */
        DIFFERS,
        /** What it sets does not exist here, and nothing that is sent depends on it: it is accepted. */
        NO_EFFECT,
        /** It is accepted, and a line in the log says what is missing. */
        WARNS,
        /** It changes what is sent, and is not supported: the configuration is refused. */
        REFUSED,
        /** Without it, private data would be sent or other consumers would lose data: it is always refused. */
        DANGEROUS
    }

    DebeziumSetting {
        harmless = Set.copyOf(harmless);
    }

    boolean isNamed(String setting) {
        return pattern == null ? name.equals(setting) : pattern.matcher(setting).matches();
    }

    /** Whether pgseam does with this value what Debezium would. */
    boolean isHarmless(String value) {
        String text = value.trim().toLowerCase(java.util.Locale.ROOT);
        return text.isEmpty() || harmless.contains(text);
    }
}
