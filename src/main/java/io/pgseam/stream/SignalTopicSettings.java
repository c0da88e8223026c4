package io.pgseam.stream;

import java.util.Map;

/**
 * A Kafka topic that signals are read from.
 *
 * @param topic its name
 * @param key which records are signals for this connector: {@code topic.prefix}
 * @param consumer settings of the consumer; they may have passwords
 */
public record SignalTopicSettings(String topic, String key, Map<String, Object> consumer) {

    public SignalTopicSettings {
        consumer = Map.copyOf(consumer);
    }

    /** Without the consumer's settings. */
    @Override
    public String toString() {
        return "signals for " + key + " in topic " + topic;
    }
}
