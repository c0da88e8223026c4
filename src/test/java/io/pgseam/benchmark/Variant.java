package io.pgseam.benchmark;

import java.util.Map;

/** Settings that a round of a benchmark has and another one has not. */
final class Variant {

    /** No setting. */
    static final String NONE = "-";

    private Variant() {}

    /** Adds the settings of a variant: {@code name=value}, with commas between them. */
    static void apply(String variant, Map<String, String> settings) {
        if (variant.equals(NONE)) {
            return;
        }
        for (String setting : variant.split(",", -1)) {
            int equals = setting.indexOf('=');
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
    }
}
