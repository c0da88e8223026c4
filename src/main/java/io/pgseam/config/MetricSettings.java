package io.pgseam.config;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * Which metrics are shown.
 *
 * @param mostTables how many tables have metrics of their own
 */
public record MetricSettings(int mostTables) {

    public static final String TABLES_MAX = "metrics.tables.max";

    private static final String GROUP = "Metrics";

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .number(
                        TABLES_MAX,
                        200,
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        "How many tables have metrics of their own, in each task. All further tables share those of the table"
                                + " `others`. 0 for none. `docs/metrics.md` has every metric.");
    }

    static MetricSettings from(SettingValues values) {
        return new MetricSettings(values.number(TABLES_MAX));
    }
}
