package io.pgseam.testing;

import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import java.util.Map;
import java.util.TreeMap;

/** The settings of connectors under test. */
public final class ConnectorSettings {

    public static final String CLASS = "io.pgseam.PgSeamSourceConnector";

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";

    private ConnectorSettings() {}

    /** What a connector on a test database needs; its topics begin with the database's name, so that they are its own. */
    public static Map<String, String> of(TestDatabase database) {
        return of(database.connectionSettings(), database.name());
    }

    /**
     * What a connector needs: a source, {@code topic.prefix}, and the recommended converters.
     *
     * @return a map that the caller may change
     */
    public static Map<String, String> of(ConnectionSettings source, String prefix) {
        Map<String, String> settings = source(source);
        settings.put("connector.class", CLASS);
        settings.put("tasks.max", "2");
        settings.put("topic.prefix", prefix);
        // The position of the stream advances soon after the last change, and a test does not wait long for it.
        settings.put("heartbeat.interval.ms", "300");
        settings.put("key.converter", BYTES);
        settings.put("value.converter", BYTES);
        settings.put("topic.creation.default.partitions", "3");
        settings.put("topic.creation.default.replication.factor", "1");
        return settings;
    }

    /**
     * What Connect gives to the stream task of a connector that has nothing to copy.
     *
     * @param anchor LSN of the connector's only anchor
     */
    public static Map<String, String> streamTask(TestDatabase database, String anchor) {
        Map<String, String> settings = of(database);
        settings.put("name", database.name());
        settings.put("pgseam.task.role", "stream");
        settings.put("pgseam.task.generation", "1");
        settings.put("pgseam.task.anchor", anchor);
        settings.put("pgseam.task.snapshot", "");
        settings.put("pgseam.task.view", "");
        settings.put("pgseam.task.opened.ms", "0");
        settings.put("pgseam.task.plan", CopyPlanCodec.encode(CopyPlan.NOTHING));
        return settings;
    }

    /** The settings that say how to reach a source, in a map that the caller may change. */
    public static Map<String, String> source(ConnectionSettings source) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("database.hostname", source.hostname());
        settings.put("database.port", String.valueOf(source.port()));
        settings.put("database.user", source.user());
        settings.put("database.password", source.password());
        settings.put("database.dbname", source.database());
        source.driverProperties().forEach((key, value) -> settings.put("database." + key, value));
        return settings;
    }
}
