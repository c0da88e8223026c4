package io.pgseam.preflight;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.PasswordFileException;
import io.pgseam.pg.session.SqlErrors;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the setting that a failed attempt to connect is the fault of. */
final class ConnectionFaults {

    private static final String ADVICE_NETWORK = ": check database.hostname and database.port, that the server runs and"
            + " listens there (listen_addresses), and that every worker can reach it";

    private ConnectionFaults() {}

    static List<Fault> of(SQLException failure, ConnectionSettings settings) {
        if (failure instanceof PasswordFileException) {
            return one(ConnectionDefinition.PASSWORD_FILE, String.valueOf(failure.getMessage()));
        }
        String reason = SqlErrors.describe(failure);
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return switch (state) {
            case "28P01" ->
                one(
                        ConnectionDefinition.PASSWORD,
                        "the server refuses the password of role " + settings.user()
                                + ", or has no such role: correct database.password or database.user. " + reason);
            case "28000" ->
                one(
                        ConnectionDefinition.USER,
                        "the server refuses role " + settings.user() + ": correct"
                                + " database.user, or have pg_hba.conf let it connect from the workers to database "
                                + settings.database() + ", encrypted or not as database.sslmode says. " + reason);
            case "3D000" ->
                one(
                        ConnectionDefinition.DATABASE,
                        "there is no database " + settings.database() + " on the server: correct database.dbname. "
                                + reason);
            case "42501" ->
                one(
                        ConnectionDefinition.DATABASE,
                        "role " + settings.user() + " may not connect to database " + settings.database()
                                + ": run GRANT CONNECT ON DATABASE … TO …. " + reason);
            case "53300" ->
                one(
                        ConnectionDefinition.HOSTNAME,
                        "the server has no connection left: raise max_connections,"
                                + " or end sessions that are not needed. " + reason);
            case "57P03" ->
                one(
                        ConnectionDefinition.HOSTNAME,
                        "the server is starting up or shutting down: try again" + " later. " + reason);
            default -> network(failure, settings, reason);
        };
    }

    private static List<Fault> network(SQLException failure, ConnectionSettings settings, String reason) {
        String server = settings.hostname() + ":" + settings.port();
        if (cause(failure, UnknownHostException.class) != null) {
            return one(ConnectionDefinition.HOSTNAME, "host " + settings.hostname() + " is not known" + ADVICE_NETWORK);
        }
        if (cause(failure, ConnectException.class) != null) {
            String message = "nothing accepts connections at " + server + ADVICE_NETWORK;
            return List.of(
                    new Fault(ConnectionDefinition.HOSTNAME, message), new Fault(ConnectionDefinition.PORT, message));
        }
        if (cause(failure, SocketTimeoutException.class) != null
                || cause(failure, NoRouteToHostException.class) != null) {
            return one(ConnectionDefinition.HOSTNAME, server + " does not answer" + ADVICE_NETWORK);
        }
        String message = String.valueOf(failure.getMessage());
        if (message.contains("no password was provided")) {
            return one(ConnectionDefinition.PASSWORD, "the server asks for a password, and none is set");
        }
        Fault encryption = EncryptionFaults.of(failure, settings, reason);
        if (encryption != null) {
            return List.of(encryption);
        }
        return one(
                ConnectionDefinition.HOSTNAME,
                "cannot connect to " + settings.target() + ADVICE_NETWORK + ". " + reason);
    }

    static <T extends Throwable> @Nullable Throwable cause(Throwable failure, Class<T> type) {
        for (Throwable link = failure; link != null; link = link.getCause()) {
            if (type.isInstance(link)) {
                return link;
            }
        }
        return null;
    }

    private static List<Fault> one(String setting, String message) {
        return List.of(new Fault(setting, message));
    }
}
