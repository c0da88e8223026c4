package io.pgseam.pg.session;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the source database.
 *
 * @param hostname host name or address
 * @param port TCP port
 * @param database name of the database
 * @param user the role that logs in
 * @param password its password; may be empty
 * @param passwordFile the file that has its password instead, read for each session; empty for none
 * @param connectTimeoutMs how long a connection may take to be established, in ms
 * @param driverProperties further properties of the PostgreSQL JDBC driver, such as {@code sslmode}; by their driver names
 * @param applicationName what the sessions call themselves in {@code pg_stat_activity}; at most 63 bytes are kept by the
 *     server
 * @param tellsQueries whether the log may quote others' statements, where they are waited for
 * @param acceptsStandby whether the server may be a standby; else sessions wait until it is promoted
 * @param primary where its primary is, for what only a primary can do; null if that is not known
 */
public record ConnectionSettings(
        String hostname,
        int port,
        String database,
        String user,
        String password,
        String passwordFile,
        int connectTimeoutMs,
        Map<String, String> driverProperties,
        String applicationName,
        boolean tellsQueries,
        boolean acceptsStandby,
        @Nullable Address primary) {

    /** Where a server listens. */
    public record Address(String hostname, int port) {}

    public ConnectionSettings {
        driverProperties = Map.copyOf(driverProperties);
    }

    /** Settings without a file for the password, with which the log quotes no statements, and the server may be a standby. */
    public ConnectionSettings(
            String hostname,
            int port,
            String database,
            String user,
            String password,
            int connectTimeoutMs,
            Map<String, String> driverProperties,
            String applicationName) {
        this(
                hostname,
                port,
                database,
                user,
                password,
                "",
                connectTimeoutMs,
                driverProperties,
                applicationName,
                false,
                true,
                null);
    }

    /** The same settings for a session that must not wait: with this timeout and these properties of the driver. */
    public ConnectionSettings with(int otherConnectTimeoutMs, Map<String, String> otherDriverProperties) {
        return new ConnectionSettings(
                hostname,
                port,
                database,
                user,
                password,
                passwordFile,
                otherConnectTimeoutMs,
                otherDriverProperties,
                applicationName,
                tellsQueries,
                acceptsStandby,
                primary);
    }

    /** How to reach the primary, with the same role, password and encryption; null if it is not known. */
    @Nullable
    ConnectionSettings ofPrimary() {
        if (primary == null) {
            return null;
        }
        return new ConnectionSettings(
                primary.hostname(),
                primary.port(),
                database,
                user,
                password,
                passwordFile,
                connectTimeoutMs,
                driverProperties,
                applicationName,
                tellsQueries,
                false,
                null);
    }

    /**
     * The password as it is now; empty for none.
     *
     * @throws PasswordFileException if the file has none
     */
    String currentPassword() throws PasswordFileException {
        return passwordFile.isEmpty() ? password : PasswordFile.read(passwordFile);
    }

    /** {@code host:port/database}, for messages. */
    public String target() {
        return hostname + ":" + port + "/" + database;
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
        return user + "@" + target();
    }
}
