package io.pgseam.preflight;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.pg.session.ConnectionSettings;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the setting that a failed attempt to encrypt a connection is the fault of.
 *
 * <p>The driver gives all of them one SQLSTATE (08006), so its words have to tell them apart, and those of the JDK.
 */
final class EncryptionFaults {

    private EncryptionFaults() {}

    /** The fault, or null where the failure has nothing to do with encryption. */
    static @Nullable Fault of(SQLException failure, ConnectionSettings settings, String reason) {
        String text = texts(failure);
        if (text.contains("hostnameverifier")) {
            return new Fault(
                    ConnectionDefinition.SSL_MODE,
                    "the server's certificate is not for " + settings.hostname()
                            + ": set database.hostname to a name that the certificate has, or have the server get one for this"
                            + " name. database.sslmode=verify-ca takes every server of the same authority. " + reason);
        }
        if (text.contains("certification path") || text.contains("path building failed")) {
            return new Fault(
                    ConnectionDefinition.SSL_MODE,
                    "the server's certificate is not of an authority that database.sslrootcert names: correct that file, or,"
                            + " for a public authority, set database.sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory. "
                            + reason);
        }
        if (text.contains("password was incorrect") || text.contains("could not decrypt ssl key")) {
            return new Fault(
                    ConnectionDefinition.SSL_PASSWORD,
                    "the password of the private key is wrong: correct database.sslpassword. " + reason);
        }
        if (text.contains("private key")) {
            return new Fault(
                    ConnectionDefinition.SSL_KEY,
                    "the private key cannot be used: the file has to be PKCS-8 (BEGIN PRIVATE KEY, or its DER) or PKCS-12, and"
                            + " readable for its owner only (0600; 0640 if root owns it). " + reason);
        }
        if (ConnectionFaults.cause(failure, FileNotFoundException.class) != null
                || ConnectionFaults.cause(failure, NoSuchFileException.class) != null) {
            return new Fault(fileSetting(text), "a file that TLS needs cannot be read on this worker. " + reason);
        }
        if (ConnectionFaults.cause(failure, SSLException.class) != null || text.contains("ssl")) {
            return new Fault(
                    ConnectionDefinition.SSL_MODE, "no encrypted connection as database.sslmode wants it. " + reason);
        }
        return null;
    }

    private static String fileSetting(String text) {
        if (text.contains("root certificate")) {
            return ConnectionDefinition.SSL_ROOT_CERTIFICATE;
        }
        return text.contains("key") ? ConnectionDefinition.SSL_KEY : ConnectionDefinition.SSL_CERTIFICATE;
    }

    /** What the failure and its causes say, in lower case. */
    private static String texts(Throwable failure) {
        StringBuilder texts = new StringBuilder();
        for (Throwable link = failure; link != null; link = link.getCause()) {
            texts.append(link.getMessage()).append('\n');
        }
        return texts.toString().toLowerCase(Locale.ROOT);
    }
}
