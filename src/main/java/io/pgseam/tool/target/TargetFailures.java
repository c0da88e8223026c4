package io.pgseam.tool.target;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;

/** Words for what goes wrong with one database. Statements are shown; they hold no rows and no passwords. */
final class TargetFailures {

    private static final int LONGEST_STATEMENT = 2_000;

    private final TargetAddress address;

    TargetFailures(TargetAddress address) {
        this.address = address;
    }

    /** The session could not be opened. */
    CommandFailure opening(IOException failure) {
        String remedy =
                ". Check the address: the port is that of " + address.kind().portMeaning();
        if (failure instanceof UnknownHostException) {
            return new CommandFailure(address + ": there is no host of that name" + remedy, failure);
        }
        if (failure instanceof SSLException) {
            return new CommandFailure(
                    address + ": no encrypted connection: " + failure.getMessage()
                            + ". Check that the server has TLS at this port, and that Java trusts its certificate"
                            + " (PGSEAM_JAVA_OPTS=-Djavax.net.ssl.trustStore=…)",
                    failure);
        }
        if (failure instanceof ConnectException) {
            return new CommandFailure(address + ": nothing accepts connections there" + remedy, failure);
        }
        if (failure instanceof SocketTimeoutException || failure instanceof HttpTimeoutException) {
            return new CommandFailure(address + " does not answer" + remedy, failure);
        }
        return new CommandFailure(address + ": " + failure.getMessage() + remedy, failure);
    }

    /** The database does not let the user in. */
    CommandFailure refused(Credentials credentials, String reason) {
        return new CommandFailure(
                address + " refuses user " + credentials.user() + ": " + reason
                        + ". Give --target-user, and the password with --target-password-file or"
                        + " PGSEAM_TARGET_PASSWORD",
                null);
    }

    /** The database refuses a statement. */
    CommandFailure statement(String sql, String reason) {
        return new CommandFailure(
                address + " refuses a statement: " + reason + "\nThe statement:\n" + shortened(sql), null);
    }

    /** The connection broke while a statement was running. */
    CommandFailure lost(String sql, IOException failure) {
        return new CommandFailure(
                address + ": the connection broke (" + failure.getMessage()
                        + "). Whether the statement took effect is not known: run the command again.\nThe statement:\n"
                        + shortened(sql),
                failure);
    }

    private static String shortened(String sql) {
        return sql.length() <= LONGEST_STATEMENT ? sql : sql.substring(0, LONGEST_STATEMENT) + "…";
    }
}
