package io.pgseam.preflight;

import io.pgseam.config.Converters;
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
 * connector itself. Debezium's envelope is a struct, for which the worker's may do; if both converters are those of bytes, the connector
 * writes the JSON itself.
 */
final class ConverterCheck {

    private static final String TRANSFORMS = "transforms";
    private static final String PREFIX_OF_CONNECT = "org.apache.kafka.connect.transforms.";

    /** Transformations that look at neither the key nor the value. */
    private static final Set<String> NOT_OF_DATA =
            Set.of("RegexRouter", "TimestampRouter", "Filter", "InsertHeader", "DropHeaders");

    /** What the JSON is that the connector writes: settings of JsonConverter that mean the same are no contradiction. */
    private static final Map<String, String> JSON_AS_WRITTEN =
            Map.of("schemas.enable", "false", "decimal.format", "base64", "replace.null.with.default", "true");

    private ConverterCheck() {}

    static void check(Map<String, String> props, Consumer<Fault> faults) {
        boolean envelope = OutputFormat.DEBEZIUM
                .name()
                .equalsIgnoreCase(props.getOrDefault(OutputSettings.FORMAT, "").trim());
        if (!envelope) {
            for (String setting : List.of(Converters.KEY, Converters.VALUE)) {
                checkForBytes(props.get(setting), setting, faults);
            }
        } else if (Converters.of(props).areBytes()) {
            checkForJson(props, faults);
        } else {
            for (String setting : List.of(Converters.KEY, Converters.VALUE)) {
                checkForStructs(props.get(setting), setting, faults);
            }
        }
    }

    private static void checkForStructs(@Nullable String converter, String setting, Consumer<Fault> faults) {
        if (Converters.isBytes(converter)) {
            String other = setting.equals(Converters.KEY) ? Converters.VALUE : Converters.KEY;
            faults.accept(new Fault(
                    setting,
                    setting + " is " + converter + ", and " + other
                            + " is not: output.format=debezium writes either the bytes of JSON or structured data. Set both to "
                            + Converters.BYTES + ", for JSON without schemas, or neither"));
        }
    }

    /** The connector writes the JSON itself: what would change it on the way, or is said to a converter that is not there, is refused. */
    private static void checkForJson(Map<String, String> props, Consumer<Fault> faults) {
        String names = props.getOrDefault(TRANSFORMS, "").trim();
        for (String part : names.split(",", -1)) {
            String name = part.trim();
            String type =
                    props.getOrDefault(TRANSFORMS + "." + name + ".type", "").trim();
            if (!name.isEmpty() && !NOT_OF_DATA.contains(type.replace(PREFIX_OF_CONNECT, ""))) {
                faults.accept(new Fault(
                        Converters.VALUE,
                        "with ByteArrayConverter the connector writes the bytes of JSON, and the transformation " + name
                                + " is for structured data. Take it out, or set " + Converters.KEY + " and "
                                + Converters.VALUE + " to org.apache.kafka.connect.json.JsonConverter"));
            }
        }
        for (String converter : List.of(Converters.KEY, Converters.VALUE)) {
            JSON_AS_WRITTEN.forEach((name, written) -> {
                String setting = converter + "." + name;
                String value = props.getOrDefault(setting, written).trim();
                if (!value.equalsIgnoreCase(written)) {
                    faults.accept(new Fault(
                            setting,
                            setting + "=" + value
                                    + " has no effect with ByteArrayConverter: the connector writes the JSON"
                                    + " of JsonConverter with " + name + "=" + written
                                    + ". Take it out, or use org.apache.kafka.connect.json.JsonConverter"));
                }
            });
        }
    }

    private static void checkForBytes(@Nullable String converter, String setting, Consumer<Fault> faults) {
        if (Converters.isBytes(converter)) {
            return;
        }
        String found = converter == null ? "is not set on the connector" : "is " + converter;
        faults.accept(new Fault(
                setting,
                setting + " " + found
                        + ", but output.format=flat writes bytes, which other converters would garble. Add"
                        + " these two lines to the connector's configuration: \"" + Converters.KEY + "\": \""
                        + Converters.BYTES + "\", \"" + Converters.VALUE + "\": \"" + Converters.BYTES + "\""));
    }
}
