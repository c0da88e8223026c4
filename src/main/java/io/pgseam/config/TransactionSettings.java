package io.pgseam.config;

import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/**
 * What consumers learn of transactions.
 *
 * @param topic the topic of the records that say where they begin and end
 */
public record TransactionSettings(String topic) {

    public static final String PROVIDE = "provide.transaction.metadata";
    public static final String TOPIC = "topic.transaction";

    private static final String GROUP = "Transactions";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .flag(
                        PROVIDE,
                        false,
                        Importance.MEDIUM,
                        "Whether consumers can put transactions together again, with `output.format=debezium`: records on the topic"
                                + " `<topic.prefix>.<topic.transaction>` say where each begins and ends and how many changes it has, and each"
                                + " change has a block `transaction` with its place in it. With `flat`, use `__txid` of"
                                + " `flat.metadata.fields` instead.")
                .text(
                        TOPIC,
                        "transaction",
                        ConfigDef.LambdaValidator.with(
                                TopicNaming::ensureLegal, () -> "letters, digits, dot, underscore and hyphen"),
                        Importance.LOW,
                        "Last part of the name of that topic.");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (values.valid(PROVIDE, OutputSettings.FORMAT)
                && values.flag(PROVIDE)
                && OutputSettings.format(values) == OutputFormat.FLAT) {
            faults.accept(new Fault(
                    PROVIDE,
                    "only output.format=debezium has it: with flat, add __txid to " + OutputSettings.METADATA_FIELDS
                            + ", and remove this setting"));
        }
    }

    /** Null if consumers learn nothing of them. */
    static @Nullable TransactionSettings from(SettingValues values) {
        return values.flag(PROVIDE)
                ? new TransactionSettings(values.text(TopicNaming.TOPIC_PREFIX) + "." + values.text(TOPIC))
                : null;
    }
}
