package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import java.util.Map;

/**
 * What a user can choose about Debezium's envelope.
 *
 * @param server {@code topic.prefix}, which names schemas and stands in the {@code source} block
 * @param database the database's name, for the {@code source} block
 * @param tombstones whether an empty record follows each delete
 * @param wholeRows whether a new row has to be complete; else a placeholder stands for an unchanged TOASTed value
 * @param json whether keys and values are the bytes of JSON; else they are structs, for a converter
 * @param settings Debezium's own settings, under its names
 */
public record DebeziumSettings(
        String server,
        String database,
        boolean tombstones,
        boolean wholeRows,
        boolean json,
        Map<String, String> settings) {

    public DebeziumSettings {
        settings = Map.copyOf(settings);
    }

    /** The same for Debezium's own classes. */
    PostgresConnectorConfig connectorConfig() {
        return new PostgresConnectorConfig(Configuration.from(settings)
                .edit()
                .with(CommonConnectorConfig.TOPIC_PREFIX, server)
                .with(PostgresConnectorConfig.DATABASE_NAME, database)
                .build());
    }
}
