package io.pgseam.pg.session;

import java.sql.SQLException;

/** A file that has the password cannot be used. It may be about to be replaced, so another attempt can succeed. */
public final class PasswordFileException extends SQLException {

    private static final long serialVersionUID = 1L;

    /** sqlclient_unable_to_establish_sqlconnection. */
    private static final String NOT_CONNECTED = "08001";

    PasswordFileException(String file, String reason) {
        super("no password from file " + file + " of database.password.file on this worker: " + reason, NOT_CONNECTED);
    }
}
