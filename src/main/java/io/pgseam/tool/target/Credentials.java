package io.pgseam.tool.target;

/**
 * Who logs in.
 *
 * @param user the user
 * @param password the password; empty for none
 * @param tls whether the connection is encrypted, and the server's certificate and host name are checked
 */
public record Credentials(String user, String password, boolean tls) {

    /** Without the password. */
    @Override
    public String toString() {
        return "user " + user + (tls ? ", TLS" : "");
    }
}
