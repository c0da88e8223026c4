package io.pgseam.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What Connect workers in JVMs of their own share.
 *
 * @param plugins the directory that holds the unzipped plugin archive
 * @param logSettings Log4j's settings
 * @param settings settings of the workers by name, over the ones that every worker of the tests gets
 * @param jvmOptions options of their JVMs, besides those that every worker of the tests gets
 */
public record WorkerSetup(
        String bootstrapServers,
        Path plugins,
        Path logSettings,
        Map<String, String> settings,
        List<String> jvmOptions) {

    /** For JVMs that live shortly. */
    public static final List<String> FAST_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

    private static final String LOG_SETTINGS = "quickstart-log4j2.properties";

    /**
     * Installs the plugin archive, as its users do.
     *
     * @param directory an existing directory, for what the workers share
     */
    public static WorkerSetup install(
            String bootstrapServers,
            Path archive,
            Path directory,
            Map<String, String> settings,
            List<String> jvmOptions)
            throws IOException {
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        PluginArchive.unzip(archive, plugins);
        Path logSettings = directory.resolve(LOG_SETTINGS);
        try (var resource = WorkerSetup.class.getResourceAsStream("/" + LOG_SETTINGS)) {
            Files.copy(Objects.requireNonNull(resource), logSettings);
        }
        return new WorkerSetup(bootstrapServers, plugins, logSettings, settings, jvmOptions);
    }
}
