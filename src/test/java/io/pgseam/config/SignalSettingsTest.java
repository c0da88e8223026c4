package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.stream.SignalTopicSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where signals are read from. */
class SignalSettingsTest {

    private static Map<String, String> with(Map<String, String> more) {
        Map<String, String> props = new HashMap<>(Map.of(
                "name", "shop",
                "topic.prefix", "shop",
                "database.hostname", "localhost",
                "database.user", "u",
                "database.password", "p",
                "database.dbname", "d"));
        props.putAll(more);
        return props;
    }

    @Test
    void theTopicNeedsBrokersAndTakesWhatTheConsumerNeeds() {
        assertThat(PgSeamSettings.faults(with(Map.of("signal.enabled.channels", "kafka"))))
                .singleElement()
                .satisfies(fault -> assertThat(fault.setting()).isEqualTo("signal.kafka.bootstrap.servers"));
        SignalTopicSettings topic = Objects.requireNonNull(PgSeamSettings.parse(with(Map.of(
                        "signal.enabled.channels", "source,kafka",
                        "signal.kafka.bootstrap.servers", "broker:9092",
                        "signal.consumer.sasl.jaas.config", "canary")))
                .signals()
                .topic());
        assertThat(topic.topic()).isEqualTo("shop-signal");
        assertThat(topic.key()).isEqualTo("shop");
        assertThat(topic.consumer())
                .containsOnly(Map.entry("bootstrap.servers", "broker:9092"), Map.entry("sasl.jaas.config", "canary"));
        assertThat(topic.toString()).doesNotContain("canary");
    }

    @Test
    void noTopicIsReadUnlessTheChannelIsEnabled() {
        assertThat(PgSeamSettings.parse(with(Map.of("signal.kafka.topic", "t")))
                        .signals()
                        .topic())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"group.id", "enable.auto.commit", "auto.offset.reset", "bootstrap.servers"})
    void whatDecidesWhichSignalsAreReadIsRefused(String name) {
        assertThat(PgSeamSettings.faults(with(Map.of("signal.consumer." + name, "x"))))
                .singleElement()
                .satisfies(fault -> assertThat(fault.setting()).isEqualTo("signal.consumer." + name));
    }
}
