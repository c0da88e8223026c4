package io.pgseam.config;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** The values of a connector's settings after parsing; of those only that are valid each by itself. */
final class SettingValues {

    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> invalid = new LinkedHashSet<>();

    SettingValues(Iterable<ConfigValue> parsed) {
        for (ConfigValue value : parsed) {
            if (!value.errorMessages().isEmpty()) {
                invalid.add(value.name());
            } else if (value.value() != null) {
                values.put(value.name(), value.value());
            }
        }
    }

    /** Whether all of these settings are valid, each by itself. */
    boolean valid(String... names) {
        return Collections.disjoint(invalid, List.of(names));
    }

    String text(String name) {
        return (String) get(name);
    }

    /** The text of a setting that has no default; empty where it is absent or blank. */
    Optional<String> optionalText(String name) {
        return Optional.ofNullable((String) values.get(name)).map(String::trim).filter(text -> !text.isEmpty());
    }

    /** The value of a password setting; empty text where it is absent. */
    String password(String name) {
        @Nullable Object value = values.get(name);
        return value == null ? "" : ((Password) value).value();
    }

    int number(String name) {
        return (Integer) get(name);
    }

    boolean flag(String name) {
        return (Boolean) get(name);
    }

    /** The value of a flag whose default depends on other settings; empty where it is absent. */
    Optional<Boolean> optionalFlag(String name) {
        return Optional.ofNullable((Boolean) values.get(name));
    }

    /** The constant that a setting names whose default depends on other settings; empty where it is absent. */
    <E extends Enum<E>> Optional<E> optionalChoice(String name, Class<E> type) {
        return optionalText(name).map(text -> Choice.parse(text, type));
    }

    /** A size in bytes, of a setting that is written like {@code 128MB}. */
    long bytes(String name) {
        return ByteSize.parse(text(name));
    }

    /** A size in bytes; 0 stands for the size in {@code fallback}. */
    long bytesOr(String name, String fallback) {
        long bytes = bytes(name);
        return bytes == 0 ? ByteSize.parse(fallback) : bytes;
    }

    /** The same for a setting that has no default; empty where it is absent. */
    OptionalLong optionalBytes(String name) {
        Optional<String> text = optionalText(name);
        return text.isPresent() ? OptionalLong.of(ByteSize.parse(text.get())) : OptionalLong.empty();
    }

    /** A setting that names one constant, in any case. */
    <E extends Enum<E>> E choice(String name, Class<E> type) {
        return Choice.parse(text(name), type);
    }

    /** The elements of a list in their order, without doubles. */
    Set<String> names(String name) {
        Set<String> names = new LinkedHashSet<>();
        for (Object element : (List<?>) get(name)) {
            names.add((String) element);
        }
        return Collections.unmodifiableSet(names);
    }

    private Object get(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("setting " + name + " has no valid value");
        }
        return value;
    }
}
