package io.pgseam.benchmark;

import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.TestDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is measured: a name of {@link Kind}, {@code -eo} for exactly-once delivery, and settings, as in
 * {@code packed-eo+flat.pack.bytes=256kB}.
 *
 * @param settings of the connector, over those of its kind
 */
record BenchSystem(String name, Kind kind, boolean exactlyOnce, Map<String, String> settings) {

    private static final String EXACTLY_ONCE = "-eo";
    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    enum Kind {
        /** The server alone: the rows or the changes are read by this program, and thrown away. */
        NOWHERE,

        /** One row a message. */
        FLAT,

        PACKED,

        /** Debezium's envelope as bytes. */
        ENVELOPE,

        /** Debezium's envelope by JsonConverter. */
        CONVERTED,

        /** Debezium's own connector. */
        DEBEZIUM
    }

    static BenchSystem of(String text) {
        List<String> parts = List.of(text.split("\\+", -1));
        String base = parts.get(0);
        boolean exactlyOnce = base.endsWith(EXACTLY_ONCE);
        String kind = exactlyOnce ? base.substring(0, base.length() - EXACTLY_ONCE.length()) : base;
        Map<String, String> settings = new HashMap<>();
        for (String setting : parts.subList(1, parts.size())) {
            int equals = setting.indexOf('=');
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return new BenchSystem(text, Kind.valueOf(kind.toUpperCase(Locale.ROOT)), exactlyOnce, settings);
    }

    boolean isOurs() {
        return kind != Kind.NOWHERE && kind != Kind.DEBEZIUM;
    }

    /** Whether each record that can be read is a row, so that the end of a topic tells how many have come. */
    boolean isCountedByOffsets() {
        return kind != Kind.PACKED && !exactlyOnce;
    }

    /**
     * Settings of a connector.
     *
     * @param prefix of its topics
     * @param tables which, as a regular expression
     * @param partitions of each topic
     */
    Map<String, String> connector(TestDatabase database, String prefix, String tables, int partitions, int tasks) {
        Map<String, String> all = isOurs() ? ours(database, prefix, tasks) : debezium(database, prefix);
        all.put("table.include.list", "public\\." + tables);
        all.put("topic.creation.default.partitions", String.valueOf(partitions));
        all.put("topic.creation.default.replication.factor", "1");
        all.putAll(settings);
        return all;
    }

    private Map<String, String> ours(TestDatabase database, String prefix, int tasks) {
        Map<String, String> all = ConnectorSettings.of(database.connectionSettings(), prefix);
        all.put("tasks.max", String.valueOf(tasks));
        if (exactlyOnce) {
            all.put("exactly.once.support", "required");
        }
        if (kind == Kind.PACKED) {
            all.put("flat.pack.bytes", "64kB");
        }
        if (kind == Kind.ENVELOPE || kind == Kind.CONVERTED) {
            all.put("output.format", "debezium");
        }
        if (kind == Kind.CONVERTED) {
            all.putAll(jsonConverters());
        }
        return all;
    }

    /** Queue and batches as large as make a difference; the rest is as it comes. */
    private static Map<String, String> debezium(TestDatabase database, String prefix) {
        Map<String, String> all = ConnectorSettings.source(database.connectionSettings());
        all.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        all.put("topic.prefix", prefix);
        all.put("plugin.name", "pgoutput");
        all.put("slot.name", "debezium_" + prefix);
        all.put("publication.name", "debezium_" + prefix);
        all.put("publication.autocreate.mode", "filtered");
        all.put("max.batch.size", "16384");
        all.put("max.queue.size", "65536");
        all.put("poll.interval.ms", "50");
        all.putAll(jsonConverters());
        return all;
    }

    private static Map<String, String> jsonConverters() {
        return Map.of(
                "key.converter",
                JSON,
                "value.converter",
                JSON,
                "key.converter.schemas.enable",
                "false",
                "value.converter.schemas.enable",
                "false");
    }
}
