package io.pgseam.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Accepts the constants of an enum by their names in lower case, such as {@code initial_only}; case does not matter. */
final class Choice implements ConfigDef.Validator {

    private final Class<? extends Enum<?>> type;

    Choice(Class<? extends Enum<?>> type) {
        this.type = type;
    }

    static <E extends Enum<E>> E parse(String text, Class<E> type) {
        return Enum.valueOf(type, text.trim().toUpperCase(Locale.ROOT));
    }

    /** The text of a constant in the configuration. */
    static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void ensureValid(String name, Object value) {
        String text = value == null ? "" : ((String) value).trim();
        for (Enum<?> constant : type.getEnumConstants()) {
            if (text(constant).equalsIgnoreCase(text)) {
                return;
            }
        }
        throw new ConfigException(name, value, "must be one of " + this);
    }

    @Override
    public String toString() {
        return Arrays.stream(type.getEnumConstants()).map(Choice::text).collect(Collectors.joining(", "));
    }
}
