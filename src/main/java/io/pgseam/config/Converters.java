package io.pgseam.config;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The converters of a connector's own configuration. Connect does not show a connector those of its worker.
 *
 * @param key {@code key.converter}; null if it is not set
 * @param value {@code value.converter}; null if it is not set
 */
public record Converters(@Nullable String key, @Nullable String value) {

    public static final String KEY = "key.converter";
    public static final String VALUE = "value.converter";

    /** The converter that passes bytes as they are. */
    public static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    /** Connect knows plugins by these short names, too. */
    private static final Set<String> BYTES_NAMES = Set.of(BYTES, "ByteArrayConverter", "ByteArray");

    private static final Set<String> JSON_NAMES =
            Set.of("org.apache.kafka.connect.json.JsonConverter", "JsonConverter", "Json");

    public static Converters of(Map<String, String> props) {
        return new Converters(props.get(KEY), props.get(VALUE));
    }

    /** Whether both pass bytes as they are. */
    public boolean areBytes() {
        return isBytes(key) && isBytes(value);
    }

    public static boolean isBytes(@Nullable String converter) {
        return converter != null && BYTES_NAMES.contains(converter.trim());
    }

    /** Whether it makes JSON of structures. */
    public static boolean isJson(@Nullable String converter) {
        return converter != null && JSON_NAMES.contains(converter.trim());
    }
}
