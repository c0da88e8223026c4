package io.pgseam.pg.session;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens sessions with the source database.
 *
 * <p>Every session renders values the same way (UTC, ISO dates, shortest floats, hexadecimal bytea, money as in the locale C),
 * whatever the role or the database has as its defaults: snapshot rows and change events are text from PostgreSQL's output functions, and equal
 * values have to give equal bytes (invariant I6). No session may be ended by a timeout of the server while the connector
 * still needs it: {@code idle_in_transaction_session_timeout} would kill the exporter of a snapshot.
 *
 * <p>No read from the server waits without end: see {@link WatchedSocket}.
 */
public final class Sessions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /**
     * Sent with the startup packet, so that they hold from the first statement on, above role and database defaults. Only the
     * wait for another session's lock has a bound: what looks at the catalogue can be tried again, and must not hang behind an
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
            // The role may have it on, and slots and publications have to be made.
            + " -c default_transaction_read_only=off"
            // What the text of values and names depends on besides what the driver sends, see RENDERING.
            + " -c lc_monetary=C"
            + " -c quote_all_identifiers=off"
            // What statements and literals mean.
            + " -c standard_conforming_strings=on"
            + " -c array_nulls=on"
            + " -c transform_null_equals=off"
            // A serializable, deferrable transaction waits for others before it begins.
            + " -c default_transaction_isolation=read\\ committed"
            + " -c default_transaction_deferrable=off"
            // A policy that hides rows would be a copy that misses them: the server is to refuse instead.
            + " -c row_security=off"
            + " -c synchronize_seqscans=off";

    /** After the driver's own startup parameters: it sends the JVM's time zone, which would win over the options. */
    private static final String RENDERING =
            "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmloption = 'content'";

    private static final int VERSION_WITH_TRANSACTION_TIMEOUT = 17;

    /** The first version that can decode WAL while it recovers. */
    private static final int VERSION_WITH_DECODING_STANDBYS = 16;

    /** cannot_connect_now: as a server that is still starting up. */
    private static final String NOT_NOW = "57P03";

    /** A server that is silent for so many times as long as a connection may take is asked whether it is at work. */
    private static final int PATIENCE = 3;

    /** connection_failure. */
    private static final String CONNECTION_FAILED = "08006";

    /** connection_does_not_exist. */
    private static final String NO_CONNECTION = "08003";

    private final ConnectionSettings settings;
    private final @Nullable Sessions primary;
    private final Map<PgConnection, Peer> open = new ConcurrentHashMap<>();
    private final Set<Peer> opening = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    public Sessions(ConnectionSettings settings) {
        this.settings = settings;
        ConnectionSettings ofPrimary = settings.ofPrimary();
        this.primary = ofPrimary == null ? null : new Sessions(ofPrimary);
    }

    /** Opens sessions with the primary, if the settings say where that is; null if not. Closed with this. */
    public @Nullable Sessions primary() {
        return primary;
    }

    public ConnectionSettings settings() {
        return settings;
    }

    /**
     * Opens an ordinary session with a server that can be decoded.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as the driver gives it; its SQLSTATE tells the reason. Transient if the server is a standby that cannot be
     *     used, or may not be by the settings: at a failover, the address may lead to it before it is promoted
     */
    public PgConnection open(String role) throws SQLException {
        return ensureDecodable(connect(properties(role, false)));
    }

    /**
     * Opens an ordinary session, with a standby too.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as the driver gives it; its SQLSTATE tells the reason
     */
    public PgConnection openWithAny(String role) throws SQLException {
        return connect(properties(role, false));
    }

    /**
     * Opens a walsender session on the database. It understands the replication commands, and SQL by the simple protocol.
     *
     * @param role what it is for, appended to the application name
     * @throws SQLException as of {@link #open}
     */
    public PgConnection openReplication(String role) throws SQLException {
        return ensureDecodable(connect(properties(role, true)));
    }

    /** Opens a session that waits for no answer longer than for a connection, to learn whether the server is there. */
    PgConnection openImpatient(String role) throws SQLException {
        Properties properties = properties(role, false);
        PGProperty.SOCKET_TIMEOUT.set(properties, connectTimeoutSeconds());
        return connect(properties);
    }

    /**
     * Makes sure that the server is there, for a session that is read without waiting. To be asked whenever there is nothing to
     * read, at times after a message that the server has to answer.
     *
     * @return whether the server has been silent for so long that it should be sent such a message
     * @throws SQLException with SQLSTATE 08006 where the server is silent and not at work for this session
     */
    public boolean ensurePresent(PgConnection session) throws SQLException {
        Peer peer = open.get(session);
        if (peer == null) {
            return false;
        }
        long silentMs = peer.silentMs();
        if (silentMs > peer.patienceMs() && peer.isDueAndGone()) {
            throw new SQLException("the server has been silent for " + silentMs / 1000 + " s", CONNECTION_FAILED);
        }
        return silentMs > settings.connectTimeoutMs();
    }

    /**
     * Waits until the server has sent something, for a session that is read without waiting. The driver's own waiting is of no use there: where
     * its time is over in the middle of a message, it forgets what it has read of it.
     *
     * <p>Only to be called by the thread that reads, and after it has found nothing to read.
     *
     * @param timeoutMs how long, in ms; more than 0
     * @return false if nothing has come in that time
     * @throws SQLException with SQLSTATE 08006 if the connection is broken, or was closed by {@link #close} meanwhile
     */
    public boolean awaitBytes(PgConnection session, int timeoutMs) throws SQLException {
        Peer peer = open.get(session);
        if (peer == null) {
            throw new SQLException("the session is closed", NO_CONNECTION);
        }
        try {
            return peer.awaitBytes(timeoutMs);
        } catch (IOException e) {
            throw new SQLException("the connection is broken: " + e.getMessage(), CONNECTION_FAILED, e);
        }
    }

    /** Whether a server of this major version can decode WAL while it is a standby. */
    public static boolean isDecodableAsStandby(int version) {
        return version >= VERSION_WITH_DECODING_STANDBYS;
    }

    /** Whether the server of a session was a standby at its login, or at its last answer. */
    public static boolean isWithStandby(PgConnection session) {
        // The server reports it by itself, at login and when it is promoted.
        return "on".equals(session.getParameterStatus("in_hot_standby"));
    }

    private PgConnection ensureDecodable(PgConnection session) throws SQLException {
        if (!isWithStandby(session)) {
            return session;
        }
        int version = session.getServerMajorVersion();
        if (settings.acceptsStandby() && isDecodableAsStandby(version)) {
            return session;
        }
        session.close();
        throw new SQLException(
                "the server is a standby"
                        + (settings.acceptsStandby()
                                ? " of PostgreSQL " + version + ", which can decode WAL as a standby only from "
                                        + VERSION_WITH_DECODING_STANDBYS + " on"
                                : ", and slot.failover=true asks for the primary")
                        + ". It can be read when it is promoted, or when the address leads to the primary",
                NOT_NOW);
    }

    /** What a session of this role calls itself in {@code pg_stat_activity}, where its name is not too long for the server. */
    public String applicationName(String role) {
        return settings.applicationName() + " " + role;
    }

    private Properties properties(String role, boolean replication) throws PasswordFileException {
        Properties properties = new Properties();
        properties.putAll(settings.driverProperties());
        PGProperty.USER.set(properties, settings.user());
        String password = settings.currentPassword();
        if (!password.isEmpty()) {
            PGProperty.PASSWORD.set(properties, password);
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName(role));
        // The server's DETAIL lines quote rows, and Connect logs the messages of causes.
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.CONNECT_TIMEOUT.set(properties, connectTimeoutSeconds());
        PGProperty.OPTIONS.set(properties, STARTUP_OPTIONS);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        if (replication) {
            PGProperty.REPLICATION.set(properties, "database");
            // The stream may have to read text that the server cannot convert to UTF-8.
            PGProperty.ALLOW_ENCODING_CHANGES.set(properties, true);
            PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        }
        return properties;
    }

    private int connectTimeoutSeconds() {
        return Math.max(1, settings.connectTimeoutMs() / 1000);
    }

    private PgConnection connect(Properties properties) throws SQLException {
        Peer peer = new Peer(this, settings.connectTimeoutMs(), PATIENCE * settings.connectTimeoutMs());
        String key = WatchedSocketFactory.expect(peer);
        PGProperty.SOCKET_FACTORY.set(properties, WatchedSocketFactory.class.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, key);
        opening.add(peer);
        try {
            ensureNotClosed();
            PgConnection session = connectTo(properties);
            peer.loggedIn(session.getBackendPID());
            return prepare(session, peer);
        } finally {
            opening.remove(peer);
            WatchedSocketFactory.forget(key);
        }
    }

    private void ensureNotClosed() throws SQLException {
        if (closed) {
            throw new SQLException("no more sessions are opened, because their user was stopped", NO_CONNECTION);
        }
    }

    private PgConnection connectTo(Properties properties) throws SQLException {
        String url = "jdbc:postgresql://" + hostForUrl() + ":" + settings.port() + "/"
                + java.net.URLEncoder.encode(settings.database(), java.nio.charset.StandardCharsets.UTF_8);
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("the driver does not accept " + url);
        }
        return connection.unwrap(PgConnection.class);
    }

    private PgConnection prepare(PgConnection session, Peer peer) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(RENDERING);
            if (session.getServerMajorVersion() >= VERSION_WITH_TRANSACTION_TIMEOUT) {
                statement.execute("SET transaction_timeout = 0");
            }
            remember(session, peer);
            ensureNotClosed();
        } catch (SQLException | RuntimeException e) {
            session.abort(Runnable::run);
            throw e;
        }
        return session;
    }

    private void remember(PgConnection session, Peer peer) throws SQLException {
        for (Iterator<PgConnection> earlier = open.keySet().iterator(); earlier.hasNext(); ) {
            if (earlier.next().isClosed()) {
                earlier.remove();
            }
        }
        open.put(session, peer);
    }

    /** Ends every session that is open or is being opened, at once, also one that waits for the server. Opens none from then on. */
    @Override
    public void close() {
        closed = true;
        if (primary != null) {
            primary.close();
        }
        opening.forEach(Peer::abandon);
        open.keySet().forEach(Sessions::abortQuietly);
        open.clear();
    }

    /** Closes a session, if there is one. If that fails, the session is of no use any more, and nothing else is affected. */
    public static void closeQuietly(@Nullable Connection session) {
        if (session != null) {
            try {
                session.close();
            } catch (SQLException e) {
                LOG.debug("Could not close a session", e);
            }
        }
    }

    /** Ends a session at once, if there is one, also in the middle of a statement. */
    public static void abortQuietly(@Nullable Connection session) {
        if (session != null) {
            try {
                session.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Could not close a session", e);
            }
        }
    }

    private String hostForUrl() {
        String hostname = settings.hostname();
        return hostname.indexOf(':') >= 0 && !hostname.startsWith("[") ? "[" + hostname + "]" : hostname;
    }
}
