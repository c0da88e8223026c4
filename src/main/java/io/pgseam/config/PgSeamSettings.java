package io.pgseam.config;

import io.pgseam.config.UnknownSettings.Unsupported;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.MetadataField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * All settings of one connector.
 *
 * @param connectorName the connector's name in its Connect cluster
 * @param tasksMax Connect's {@code tasks.max}; 1 if it is no positive number, which Connect refuses
 * @param connection how to reach the source database
 * @param topics how tables are given topics
 * @param capture which tables and columns are captured
 * @param replication slot and publication
 * @param snapshot how tables are copied
 * @param stream how changes are streamed
 * @param masks which columns are masked, and how
 * @param output the form of the messages
 * @param debezium how values look in Debezium's envelope
 * @param message how large they may be
 * @param metrics which metrics are shown
 * @param signals where signals are read from
 * @param messages which messages of {@code pg_logical_emit_message} are captured; null for none
 * @param transactions what consumers learn of transactions; null for nothing
 * @param scope a digest of the settings that decide what is captured: where it differs, a plan that was made by other settings
 *     does not hold
 */
public record PgSeamSettings(
        String connectorName,
        int tasksMax,
        ConnectionSettings connection,
        TopicNaming topics,
        CaptureFilter capture,
        ReplicationSettings replication,
        SnapshotSettings snapshot,
        StreamSettings stream,
        MaskSettings masks,
        OutputSettings output,
        DebeziumOptions debezium,
        MessageSettings message,
        MetricSettings metrics,
        SignalSettings signals,
        @Nullable LogicalMessageSettings messages,
        @Nullable TransactionSettings transactions,
        String scope) {

    /** Connect's own setting for the connector's name. */
    private static final String CONNECTOR_NAME = "name";

    /** Connect's own setting for the number of tasks. */
    private static final String TASKS_MAX = "tasks.max";

    /** The definition of every setting, in the order in which they are documented. */
    public static ConfigDef definition() {
        ConfigDef definition = new ConfigDef();
        ConnectionDefinition.define(definition);
        TopicNaming.define(definition);
        CaptureFilter.define(definition);
        MaskSettings.define(definition);
        ReplicationSettings.define(definition);
        SnapshotSettings.define(definition);
        StreamSettings.define(definition);
        OutputSettings.define(definition);
        DebeziumOptions.define(definition);
        MessageSettings.define(definition);
        MetricSettings.define(definition);
        SignalSettings.define(definition);
        LogicalMessageSettings.define(definition);
        TransactionSettings.define(definition);
        UnknownSettings.define(definition);
        return definition;
    }

    /**
     * Everything wrong with a configuration that can be seen without a database: each setting by itself, and settings that
     * contradict each other.
     */
    public static List<Fault> faults(Map<String, String> props) {
        List<Fault> faults = new ArrayList<>();
        ConfigDef definition = definition();
        Map<String, ConfigValue> parsed = definition.validateAll(props);
        for (String name : definition.names()) {
            // Of several messages the first says it all: a port that is no number is then also said to be absent.
            Objects.requireNonNull(parsed.get(name)).errorMessages().stream()
                    .limit(1)
                    .forEach(text -> faults.add(new Fault(name, text)));
        }
        SettingValues values = new SettingValues(parsed.values());
        ConnectionDefinition.check(values, props, definition.names(), faults::add);
        CaptureFilter.check(values, faults::add);
        MaskSettings.check(values, props, faults::add);
        SnapshotSettings.check(values, faults::add);
        StreamSettings.check(values, faults::add);
        LimitSettings.check(values, faults::add);
        MessageSettings.check(values, props, faults::add);
        SignalSettings.check(values, props, faults::add);
        LogicalMessageSettings.check(values, faults::add);
        TransactionSettings.check(values, faults::add);
        TopicNaming.check(values, faults::add);
        OutputSettings.check(values, props, faults::add);
        boolean warnsOnly = values.valid(UnknownSettings.UNSUPPORTED)
                && values.choice(UnknownSettings.UNSUPPORTED, Unsupported.class) == Unsupported.WARN;
        UnknownSettings.check(props, definition.names(), warnsOnly, faults::add);
        return faults;
    }

    /** What is accepted though it has no effect, or less than its name says; sentences for the log. */
    public static List<String> warnings(Map<String, String> props) {
        List<String> warnings =
                new ArrayList<>(UnknownSettings.warnings(props, definition().names()));
        DebeziumOptions.withoutEffect(props)
                .forEach(name -> warnings.add("Setting " + name + " has an effect with output.format=debezium only"));
        return warnings;
    }

    /**
     * Reads a configuration.
     *
     * @throws ConfigException where it has faults; the message names all of them
     */
    public static PgSeamSettings parse(Map<String, String> props) {
        List<Fault> faults = faults(props);
        if (!faults.isEmpty()) {
            throw new ConfigException(faults.stream().map(Fault::toString).collect(Collectors.joining("; ")));
        }
        SettingValues values = new SettingValues(definition().validate(props));
        TopicNaming topics = TopicNaming.from(values);
        String name = props.getOrDefault(CONNECTOR_NAME, topics.prefix());
        return new PgSeamSettings(
                name,
                tasksMax(props),
                ConnectionDefinition.from(values, props, definition().names(), name),
                topics,
                CaptureFilter.from(values, SignalSettings.from(values, props, topics.prefix())),
                ReplicationSettings.from(values),
                SnapshotSettings.from(values),
                StreamSettings.from(values, OutputSettings.format(values)),
                MaskSettings.from(values, props),
                OutputSettings.from(values),
                DebeziumOptions.from(values),
                MessageSettings.from(values, props),
                MetricSettings.from(values),
                SignalSettings.from(values, props, topics.prefix()),
                LogicalMessageSettings.from(values, OutputSettings.format(values)),
                TransactionSettings.from(values),
                CaptureScope.of(props));
    }

    private static int tasksMax(Map<String, String> props) {
        try {
            return Math.max(
                    1, Integer.parseInt(props.getOrDefault(TASKS_MAX, "1").trim()));
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    /** How rows are rendered in the flat format. */
    public FlatSettings flat() {
        boolean placeholder = stream.unchangedToast() == UnchangedToastPolicy.PLACEHOLDER;
        Set<MetadataField> metadata = Arrays.stream(MetadataField.values())
                .filter(field -> output.metadataFields().contains(field.fieldName()))
                .collect(Collectors.toSet());
        return new FlatSettings(
                metadata,
                output.unrepresentable(),
                placeholder ? stream.unavailableValuePlaceholder() : null,
                output.keyTable(),
                output.skipped());
    }

    /** Returns a copy in which slot and publication have the default names of releases before 0.1, unless settings name them. */
    public PgSeamSettings withEarlierNames() {
        return new PgSeamSettings(
                connectorName,
                tasksMax,
                connection,
                topics,
                capture,
                replication.withEarlierNames(),
                snapshot,
                stream,
                masks,
                output,
                debezium,
                message,
                metrics,
                signals,
                messages,
                transactions,
                scope);
    }
}
