package io.pgseam.config;

import io.pgseam.task.OversizePolicy;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * How large a message may be.
 *
 * @param maxBytes most bytes of one message, as the producer counts
 * @param oversize what becomes of a larger one
 */
public record MessageSettings(long maxBytes, OversizePolicy oversize) {

    public static final String MAX_BYTES = "message.max.bytes";
    public static final String OVERSIZE = "message.oversize";

    /** Settings of the connector's producer, which Connect takes for it. */
    private static final String MAX_REQUEST_SIZE = "producer.override.max.request.size";

    private static final String BUFFER_MEMORY = "producer.override.buffer.memory";

    /** The producer's defaults of {@code max.request.size} and {@code buffer.memory}: either bounds a record. */
    private static final long DEFAULT_REQUEST_BYTES = 1 << 20;

    private static final long DEFAULT_BUFFER_BYTES = 32 << 20;

    private static final String GROUP = "Message size";
    private static final String MINIMUM = "16kB";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .optionalSize(
                        MAX_BYTES,
                        MINIMUM,
                        Importance.MEDIUM,
                        "The largest message that the producer takes: key, value, headers and some 100 bytes. Bytes, or with kB,"
                                + " MB, GB. Where unset: the smaller one of `producer.override.max.request.size` (Kafka's"
                                + " default: 1048576) and `producer.override.buffer.memory` (33554432). Set it where the"
                                + " workers' own producer settings differ from Kafka's defaults. Brokers and topics have limits"
                                + " of their own (`message.max.bytes`, `max.message.bytes`).")
                .choice(
                        OVERSIZE,
                        OversizePolicy.FAIL,
                        Importance.MEDIUM,
                        "What becomes of a larger message: `fail` stops the task and says what to do; `skip` leaves it out, and"
                                + " a record on the control topic has its key, its size and its LSN. A target then keeps what it"
                                + " had of that row.");
    }

    static void check(SettingValues values, Map<String, String> props, Consumer<Fault> faults) {
        if (!values.valid(MAX_BYTES)) {
            return;
        }
        values.optionalBytes(MAX_BYTES).ifPresent(bytes -> {
            for (String producer : new String[] {MAX_REQUEST_SIZE, BUFFER_MEMORY}) {
                OptionalLong taken = number(props, producer);
                if (taken.isPresent() && bytes > taken.getAsLong()) {
                    faults.accept(new Fault(
                            MAX_BYTES,
                            "the producer takes no message of " + bytes + " bytes: " + producer + " is "
                                    + taken.getAsLong()));
                    return;
                }
            }
        });
    }

    static MessageSettings from(SettingValues values, Map<String, String> props) {
        long taken = Math.min(
                number(props, MAX_REQUEST_SIZE).orElse(DEFAULT_REQUEST_BYTES),
                number(props, BUFFER_MEMORY).orElse(DEFAULT_BUFFER_BYTES));
        return new MessageSettings(
                values.optionalBytes(MAX_BYTES).orElse(taken), values.choice(OVERSIZE, OversizePolicy.class));
    }

    /** The number that a setting of the producer has; empty where it has none, or none that the producer will accept. */
    private static OptionalLong number(Map<String, String> props, String setting) {
        try {
            String text = props.getOrDefault(setting, "").trim();
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
