package io.pgseam.preflight;

import io.pgseam.config.PgSeamSettings;
import java.util.Map;
import org.apache.kafka.common.config.Config;

/** Validates a connector's configuration. */
public final class Validation {

    private Validation() {}

    /** Each setting by itself. */
    public static Config validate(Map<String, String> settings) {
        return new Config(PgSeamSettings.definition().validate(settings));
    }
}
