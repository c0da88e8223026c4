package io.pgseam.pg.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens sessions with the source database.
 *
 * <p>Every session renders values the same way (UTC, ISO dates, shortest floats, hexadecimal bytea), whatever the role or
 * the database has as its defaults: snapshot rows and change events are text from PostgreSQL's output functions, and equal
 * values have to give equal bytes (invariant I6). No session may be ended by a timeout of the server while the connector
 * still needs it: {@code idle_in_transaction_session_timeout} would kill the exporter of a snapshot.
 */
public final class Sessions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /**
     * Sent with the startup packet, so that they hold from the first statement on, above role and database defaults. Only the
     * wait for somebody else's lock has a bound: what looks at the catalogue can be tried again, and must not hang behind an
     * ALTER TABLE.
     */
    private static final String STARTUP_OPTIONS = "-c statement_timeout=0"
            + " -c lock_timeout=3000"
            + " -c idle_in_transaction_session_timeout=0"
            + " -c idle_session_timeout=0"
            + " -c tcp_keepalives_idle=60"
            + " -c tcp_keepalives_interval=10"
            + " -c tcp_keepalives_count=6"
            + " -c search_path=pg_catalog"
            // A policy that hides rows would be a copy that misses them: the server is to refuse instead.
            + " -c row_security=off"
            + " -c synchronize_seqscans=off";

    /** After the driver's own startup parameters: it sends the JVM's time zone, which would win over the options. */
    private static final String RENDERING =
            "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content'";

    private static final int VERSION_WITH_TRANSACTION_TIMEOUT = 17;

    /** cannot_connect_now: as a server that is still starting up. */
    private static final String NOT_NOW = "57P03";

    private final ConnectionSettings settings;
    private final Set<PgConnection> open = ConcurrentHashMap.newKeySet();

    public Sessions(ConnectionSettings settings) {
        this.settings = settings;
    }

    public ConnectionSettings settings() {
        return settings;
    }

    /**
     * Opens an ordinary session with a server that can be written to.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as the driver gives it; its SQLSTATE tells the reason. Transient where the server is a standby: at a
     *     failover, the address may lead to it before it is promoted
     */
    public PgConnection open(String role) throws SQLException {
        return ensurePrimary(connect(role, false));
    }

    /**
     * Opens an ordinary session, with a standby too.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as the driver gives it; its SQLSTATE tells the reason
     */
    public PgConnection openWithAny(String role) throws SQLException {
        return connect(role, false);
    }

    /**
     * Opens a walsender session on the database. It understands the replication commands, and SQL by the simple protocol.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as of {@link #open}
     */
    public PgConnection openReplication(String role) throws SQLException {
        return ensurePrimary(connect(role, true));
    }

    private PgConnection ensurePrimary(PgConnection session) throws SQLException {
        // The server reports it by itself, at login and when it is promoted.
        if ("on".equals(session.getParameterStatus("in_hot_standby"))) {
            session.close();
            throw new SQLException(
                    "the server is a standby: it can be read when it is promoted, or when the address leads to the primary",
                    NOT_NOW);
        }
        return session;
    }

    /** What a session of this role calls itself in {@code pg_stat_activity}, where its name is not too long for the server. */
    public String applicationName(String role) {
        return settings.applicationName() + " " + role;
    }

    private PgConnection connect(String role, boolean replication) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(settings.driverProperties());
        PGProperty.USER.set(properties, settings.user());
        if (!settings.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, settings.password());
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName(role));
        // The server's DETAIL lines quote rows, and Connect logs the messages of causes.
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.CONNECT_TIMEOUT.set(properties, Math.max(1, settings.connectTimeoutMs() / 1000));
        PGProperty.OPTIONS.set(properties, STARTUP_OPTIONS);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        if (replication) {
            PGProperty.REPLICATION.set(properties, "database");
            PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        }
        String url = "jdbc:postgresql://" + hostForUrl() + ":" + settings.port() + "/"
                + java.net.URLEncoder.encode(settings.database(), java.nio.charset.StandardCharsets.UTF_8);
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("the driver does not accept " + url);
        }
        PgConnection session = connection.unwrap(PgConnection.class);
        try (Statement statement = session.createStatement()) {
            statement.execute(RENDERING);
            if (session.getServerMajorVersion() >= VERSION_WITH_TRANSACTION_TIMEOUT) {
                statement.execute("SET transaction_timeout = 0");
            }
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
        remember(session);
        return session;
    }

    private void remember(PgConnection session) throws SQLException {
        for (Iterator<PgConnection> earlier = open.iterator(); earlier.hasNext(); ) {
            if (earlier.next().isClosed()) {
                earlier.remove();
            }
        }
        open.add(session);
    }

    /** Ends every session that is still open, at once, also one that waits for the server. */
    @Override
    public void close() {
        for (PgConnection session : open) {
            try {
                session.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Could not close a session", e);
            }
        }
        open.clear();
    }

    private String hostForUrl() {
        String hostname = settings.hostname();
        return hostname.indexOf(':') >= 0 && !hostname.startsWith("[") ? "[" + hostname + "]" : hostname;
    }
}
