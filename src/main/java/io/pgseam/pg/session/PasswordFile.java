package io.pgseam.pg.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A file with a password, which is read for each session: to rotate the password, replace the file, and nothing has to be restarted.
 *
 * <p>It has one line. A person who may configure a connector names the file and the server that gets the password: a file of several lines, such as
 * a key or a configuration, must not leave the worker in this way.
 */
final class PasswordFile {

    /** Tokens of clouds have some 2 kB. */
    private static final int MOST_BYTES = 16 << 10;

    private PasswordFile() {}

    /**
     * Reads the password.
     *
     * @throws PasswordFileException if there is none; the message names the file, and quotes nothing of it
     */
    static String read(String file) throws PasswordFileException {
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(Path.of(file))) {
            bytes = stream.readNBytes(MOST_BYTES + 1);
        } catch (IOException | InvalidPathException e) {
            throw new PasswordFileException(
                    file, "it cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        if (bytes.length > MOST_BYTES) {
            throw new PasswordFileException(file, "it has more than " + MOST_BYTES + " bytes");
        }
        String password;
        try {
            password = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PasswordFileException(file, "it is not UTF-8");
        }
        String line = password.endsWith("\n") ? password.substring(0, password.length() - 1) : password;
        line = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        if (line.isEmpty() || line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
            throw new PasswordFileException(file, "it does not consist of one line, the password");
        }
        return line;
    }
}
