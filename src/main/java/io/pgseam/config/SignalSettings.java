package io.pgseam.config;

import io.pgseam.pg.TableId;
import io.pgseam.stream.SignalTopicSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Where signals are read from.
 *
 * @param messagePrefix the prefix of messages of {@code pg_logical_emit_message} that are signals; null if no message is
 * @param table the table whose new rows are signals; null if there is none
 * @param topic the Kafka topic whose records are signals; null if there is none
 */
public record SignalSettings(
        @Nullable String messagePrefix,
        @Nullable TableId table,
        @Nullable SignalTopicSettings topic) {

    public static final String CHANNELS = "signal.enabled.channels";
    public static final String DATA_COLLECTION = "signal.data.collection";
    public static final String MESSAGE_PREFIX = "signal.message.prefix";

    public static final String TOPIC = "signal.kafka.topic";
    public static final String BOOTSTRAP = "signal.kafka.bootstrap.servers";

    /** Of settings that are passed on to the consumer. */
    private static final String CONSUMER = "signal.consumer.";

    private static final String BOOTSTRAP_OF_CONSUMER = "bootstrap.servers";

    /** Which records are read from where is the connector's to say, or a signal is lost or done twice. */
    private static final Set<String> NOT_PASSED_ON = Set.of(
            BOOTSTRAP_OF_CONSUMER,
            "group.id",
            "group.instance.id",
            "enable.auto.commit",
            "auto.offset.reset",
            "isolation.level",
            "allow.auto.create.topics",
            "key.deserializer",
            "value.deserializer");

    private static final String GROUP = "Signals";
    private static final String MESSAGE = "message";
    private static final String KAFKA = "kafka";

    /** Debezium's default; it has no effect unless a table is named. */
    private static final String SOURCE = "source";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .list(
                        CHANNELS,
                        List.of(SOURCE),
                        ConfigDef.ValidList.in(SOURCE, MESSAGE, KAFKA),
                        Importance.MEDIUM,
                        "Where signals are read from, separated by commas. `message`: messages that somebody writes with"
                                + " `pg_logical_emit_message` and the prefix of `signal.message.prefix`; every role of the database may"
                                + " do that. `source`: new rows of the table of `signal.data.collection`. `kafka`: records"
                                + " of the topic `signal.kafka.topic`. `docs/operations.md` has the signals.")
                .text(
                        DATA_COLLECTION,
                        null,
                        ConfigDef.LambdaValidator.with(SignalSettings::ensureTable, () -> "schema.table"),
                        Importance.MEDIUM,
                        "The table of signals, as `schema.table`. It has three columns: id, type, and data. The connector adds it to its"
                                + " own publication, and never captures it: a new row is a signal, and is in no topic. Whoever may"
                                + " write it may have tables copied.")
                .text(
                        MESSAGE_PREFIX,
                        "pgseam.signal",
                        new ConfigDef.NonEmptyString(),
                        Importance.LOW,
                        "The prefix of messages that are signals, with `signal.enabled.channels=message`. Two connectors on one"
                                + " database need two prefixes, unless each signal is for both.")
                .text(
                        TOPIC,
                        null,
                        null,
                        Importance.LOW,
                        "The topic of signals, with `signal.enabled.channels=kafka`; if absent, `<topic.prefix>-signal`. It has one partition."
                                + " Records with the key `topic.prefix` are signals.")
                .text(
                        BOOTSTRAP,
                        null,
                        null,
                        Importance.LOW,
                        "The Kafka brokers that have the topic of signals: `host:port`, separated by commas. Needed with"
                                + " `signal.enabled.channels=kafka`. What else the consumer needs, as its security, has the prefix"
                                + " `signal.consumer.`: `signal.consumer.security.protocol`.");
    }

    static void check(SettingValues values, Map<String, String> props, Consumer<Fault> faults) {
        if (values.valid(CHANNELS, BOOTSTRAP)
                && values.names(CHANNELS).contains(KAFKA)
                && values.optionalText(BOOTSTRAP).isEmpty()) {
            faults.accept(new Fault(
                    BOOTSTRAP,
                    "is needed with " + CHANNELS + "=" + KAFKA + ": host:port of the brokers that have the topic"));
        }
        props.keySet().stream()
                .filter(SignalSettings::isOfConsumer)
                .filter(name -> NOT_PASSED_ON.contains(name.substring(CONSUMER.length())))
                .sorted()
                .forEach(name -> faults.accept(new Fault(
                        name,
                        "the connector sets this itself"
                                + (name.endsWith(BOOTSTRAP_OF_CONSUMER) ? " to " + BOOTSTRAP : "") + ": remove it")));
    }

    /** Whether a setting is one of the consumer that reads the topic of signals. */
    static boolean isOfConsumer(String setting) {
        return setting.startsWith(CONSUMER) && setting.length() > CONSUMER.length();
    }

    static SignalSettings from(SettingValues values, Map<String, String> props, String prefix) {
        boolean messages = values.names(CHANNELS).contains(MESSAGE);
        boolean rows = values.names(CHANNELS).contains(SOURCE);
        return new SignalSettings(
                messages ? values.text(MESSAGE_PREFIX) : null,
                rows
                        ? values.optionalText(DATA_COLLECTION)
                                .map(SignalSettings::table)
                                .orElse(null)
                        : null,
                values.names(CHANNELS).contains(KAFKA) ? topic(values, props, prefix) : null);
    }

    private static SignalTopicSettings topic(SettingValues values, Map<String, String> props, String prefix) {
        Map<String, Object> consumer = new HashMap<>();
        props.forEach((name, value) -> {
            if (isOfConsumer(name) && value != null) {
                consumer.put(name.substring(CONSUMER.length()), value);
            }
        });
        consumer.put(BOOTSTRAP_OF_CONSUMER, values.text(BOOTSTRAP));
        return new SignalTopicSettings(values.optionalText(TOPIC).orElse(prefix + "-signal"), prefix, consumer);
    }

    private static void ensureTable(String name, Object value) {
        if (value != null && !((String) value).isBlank() && table(((String) value).trim()) == null) {
            throw new ConfigException(name, value, "must be schema.table, without quotes");
        }
    }

    private static @Nullable TableId table(String text) {
        int dot = text.indexOf('.');
        return dot < 1 || dot == text.length() - 1 || text.indexOf('.', dot + 1) > 0
                ? null
                : new TableId(text.substring(0, dot), text.substring(dot + 1));
    }
}
