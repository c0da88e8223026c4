package io.pgseam.preflight;

import io.pgseam.config.Fault;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether messages go through the converters as they are. The flat format makes bytes; any other converter would wrap them,
 * such as in a base64 string. What the worker has as its converters a connector cannot see, so they have to be set on the
 * connector itself.
 */
final class ConverterCheck {

    static final String KEY_CONVERTER = "key.converter";
    static final String VALUE_CONVERTER = "value.converter";

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    /** Connect knows plugins by these short names, too. */
    private static final Set<String> ACCEPTED = Set.of(BYTES, "ByteArrayConverter", "ByteArray");

    private ConverterCheck() {}

    static void check(Map<String, String> props, Consumer<Fault> faults) {
        check(props, KEY_CONVERTER, faults);
        check(props, VALUE_CONVERTER, faults);
    }

    private static void check(Map<String, String> props, String setting, Consumer<Fault> faults) {
        String converter = props.get(setting);
        if (converter != null && ACCEPTED.contains(converter.trim())) {
            return;
        }
        String found = converter == null ? "is not set on the connector" : "is " + converter;
        faults.accept(new Fault(
                setting,
                setting + " " + found
                        + ", but output.format=flat writes bytes, which other converters would garble. Add"
                        + " these two lines to the connector's configuration: \"" + KEY_CONVERTER + "\": \"" + BYTES
                        + "\", \"" + VALUE_CONVERTER + "\": \"" + BYTES + "\""));
    }
}
