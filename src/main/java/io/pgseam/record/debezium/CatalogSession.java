package io.pgseam.record.debezium;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.PostgresDefaultValueConverter;
import io.debezium.jdbc.JdbcConfiguration;
import io.pgseam.pg.session.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgConnection;

/**
 * The connection through which Debezium's classes ask the catalogue: a session of ours, with our connection settings, opened
 * when one of them asks and no longer than {@link #close()}.
 */
final class CatalogSession extends PostgresConnection {

    /** Debezium's sessions have the default, and its classes tell types apart by what it shows. */
    private static final String SEARCH_PATH = "SET search_path = \"$user\", public";

    private final Sessions sessions;
    private final PostgresConnectorConfig config;
    private @Nullable PgConnection session;
    private @Nullable TypeRegistry types;
    private @Nullable PostgresValueConverter values;
    private @Nullable PostgresDefaultValueConverter defaults;

    CatalogSession(Sessions sessions, PostgresConnectorConfig config) {
        super(JdbcConfiguration.adapt(Configuration.empty()), "pgseam");
        this.sessions = sessions;
        this.config = config;
    }

    @Override
    public synchronized Connection connection(boolean executeOnConnect) throws SQLException {
        return session();
    }

    private synchronized PgConnection session() throws SQLException {
        PgConnection open = session;
        if (open == null || open.isClosed()) {
            open = sessions.open("debezium");
            try (Statement statement = open.createStatement()) {
                statement.execute(SEARCH_PATH);
            } catch (SQLException e) {
                open.close();
                throw e;
            }
            session = open;
        }
        return open;
    }

    /**
     * What decodes arrays: the driver looks their types up once for each session, and keeps what it has learnt when the session
     * is closed.
     */
    BaseConnection decoder() throws SQLException {
        return session();
    }

    @Override
    public synchronized boolean isConnected() throws SQLException {
        return session != null && !session.isClosed();
    }

    @Override
    public synchronized TypeRegistry getTypeRegistry() {
        if (types == null) {
            types = new TypeRegistry(this);
        }
        return types;
    }

    synchronized PostgresValueConverter values() {
        if (values == null) {
            values = PostgresValueConverter.of(config, getDatabaseCharset(), getTypeRegistry());
        }
        return values;
    }

    @Override
    public synchronized PostgresDefaultValueConverter getDefaultValueConverter() {
        if (defaults == null) {
            defaults = new PostgresDefaultValueConverter(values(), getTimestampUtils(), getTypeRegistry());
        }
        return defaults;
    }

    @Override
    public synchronized void close() {
        Sessions.closeQuietly(session);
    }
}
