package io.pgseam.task;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this connector, as the build wrote it into the jar. */
public final class ConnectorVersion {

    private static final String RESOURCE = "/io/pgseam/version.properties";

    private static final String VERSION = read();

    private ConnectorVersion() {}

    /** What {@code version()} of the connector and of its tasks answers; never blank. */
    public static String get() {
        return VERSION;
    }

    private static String read() {
        try (InputStream stream = ConnectorVersion.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException("the connector's jar is damaged: " + RESOURCE + " is not in it");
            }
            Properties properties = new Properties();
            properties.load(stream);
            String version = properties.getProperty("version", "");
            if (version.isBlank()) {
                throw new IllegalStateException("the connector's jar is damaged: " + RESOURCE + " names no version");
            }
            return version;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " from the connector's jar", e);
        }
    }
}
