package io.pgseam.preflight;

public final class Validation {
    private Validation() {}

    public static org.apache.kafka.common.config.Config validate(java.util.Map<String, String> p) {
        return new org.apache.kafka.common.config.Config(
                io.pgseam.config.PgSeamSettings.definition().validate(p));
    }
}
