package io.pgseam.preflight;

import io.pgseam.config.Fault;
import io.pgseam.config.OutputFormat;
import io.pgseam.config.OutputSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether messages go through the converters as they are. The flat format makes bytes; any other converter would wrap them,
 * such as in a base64 string. What the worker has as its converters a connector cannot see, so they have to be set on the
 * connector itself. Debezium's envelope is a struct, which a converter of bytes cannot take; there the worker's may do.
 */
final class ConverterCheck {

    static final String KEY_CONVERTER = "key.converter";
    static final String VALUE_CONVERTER = "value.converter";

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    /** Connect knows plugins by these short names, too. */
    private static final Set<String> BYTES_NAMES = Set.of(BYTES, "ByteArrayConverter", "ByteArray");

    private ConverterCheck() {}

    static void check(Map<String, String> props, Consumer<Fault> faults) {
        boolean structs = OutputFormat.DEBEZIUM
                .name()
                .equalsIgnoreCase(props.getOrDefault(OutputSettings.FORMAT, "").trim());
        for (String setting : List.of(KEY_CONVERTER, VALUE_CONVERTER)) {
            if (structs) {
                checkForStructs(props.get(setting), setting, faults);
            } else {
                checkForBytes(props.get(setting), setting, faults);
            }
        }
    }

    private static void checkForStructs(@Nullable String converter, String setting, Consumer<Fault> faults) {
        if (converter != null && BYTES_NAMES.contains(converter.trim())) {
            faults.accept(new Fault(
                    setting,
                    setting + " is " + converter
                            + ", but output.format=debezium writes structured data, which it cannot"
                            + " take. Use org.apache.kafka.connect.json.JsonConverter, or one for Avro or Protobuf"));
        }
    }

    private static void checkForBytes(@Nullable String converter, String setting, Consumer<Fault> faults) {
        if (converter != null && BYTES_NAMES.contains(converter.trim())) {
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
