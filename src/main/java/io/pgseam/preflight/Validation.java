package io.pgseam.preflight;

import io.pgseam.config.CaptureFilter;
import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Converters;
import io.pgseam.config.Fault;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.TopicNaming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** What the connector answers when Connect asks it to validate a configuration. */
public final class Validation {

    /** Without these there is nothing to connect to, or no settings at all. */
    private static final Set<String> NEEDED_TO_CONNECT = Set.of(
            ConnectionDefinition.HOSTNAME,
            ConnectionDefinition.PORT,
            ConnectionDefinition.USER,
            ConnectionDefinition.PASSWORD,
            ConnectionDefinition.PASSWORD_FILE,
            ConnectionDefinition.DATABASE,
            ConnectionDefinition.SSL_MODE,
            ConnectionDefinition.CONNECT_TIMEOUT,
            TopicNaming.TOPIC_PREFIX);

    private Validation() {}

    /** Every setting with its faults: its own, those against other settings, and those that the source shows. */
    public static Config validate(Map<String, String> props) {
        return validate(props, new Preflight());
    }

    /**
     * As {@link #validate(Map)}.
     *
     * @param warnings takes what is no fault and yet has to be known; Connect can show faults only
     */
    public static Config validate(Map<String, String> props, Consumer<String> warnings) {
        return validate(props, new Preflight(warnings));
    }

    private static Config validate(Map<String, String> props, Preflight preflight) {
        List<Fault> faults = new ArrayList<>(PgSeamSettings.faults(props));
        faults.addAll(sourceFaults(props, faults, preflight));
        ConverterCheck.check(props, faults::add);
        TransactionBoundaryCheck.check(props, faults::add);
        Map<String, List<String>> messages = faults.stream()
                .collect(
                        Collectors.groupingBy(Fault::setting, Collectors.mapping(Fault::message, Collectors.toList())));

        List<ConfigValue> values = new ArrayList<>();
        for (ConfigValue value : PgSeamSettings.definition().validate(props)) {
            values.add(new ConfigValue(
                    value.name(),
                    value.value(),
                    value.name().equals(CaptureFilter.TABLE_EXCLUDE_LIST)
                            ? exclusions(preflight)
                            : value.recommendedValues(),
                    messages.getOrDefault(value.name(), List.of())));
        }
        // Connect lets our value for a setting of its own take the place of its value, so it is given only with a
        // fault.
        for (String name : List.of(Converters.KEY, Converters.VALUE)) {
            if (messages.containsKey(name)) {
                values.add(new ConfigValue(name, converterClass(name, props.get(name)), List.of(), messages.get(name)));
            }
        }
        // Connect shows faults of settings that no definition has, too, if they come with their names.
        Set<String> shown = values.stream().map(ConfigValue::name).collect(Collectors.toSet());
        messages.forEach((name, texts) -> {
            if (!shown.contains(name)) {
                values.add(new ConfigValue(name, props.get(name), List.of(), texts));
            }
        });
        return new Config(values);
    }

    /** Connect shows no warnings. So this is where the tables that would be set aside are to be seen: it is of use to leave them out. */
    private static List<Object> exclusions(Preflight preflight) {
        return preflight.setAside().stream()
                .map(table -> (Object) CaptureFilter.expressionFor(table.table()))
                .toList();
    }

    private static List<Fault> sourceFaults(Map<String, String> props, List<Fault> faults, Preflight preflight) {
        Set<String> faulty = faults.stream().map(Fault::setting).collect(Collectors.toSet());
        if (faulty.stream().anyMatch(NEEDED_TO_CONNECT::contains)) {
            return List.of();
        }
        if (faulty.isEmpty()) {
            return preflight.check(PgSeamSettings.parse(props));
        }
        Map<String, String> sound = new HashMap<>(props);
        sound.keySet().removeAll(faulty);
        return PgSeamSettings.faults(sound).isEmpty()
                ? preflight.check(PgSeamSettings.parse(sound), Preflight.Extent.SERVER)
                : List.of();
    }

    /** Connect casts the value of a converter's setting to a class; null where there is none. */
    private static @Nullable Object converterClass(String name, @Nullable String text) {
        try {
            return text == null ? null : ConfigDef.parseType(name, text, ConfigDef.Type.CLASS);
        } catch (ConfigException e) {
            return null;
        }
    }
}
