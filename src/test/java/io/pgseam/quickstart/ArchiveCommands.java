package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.PluginArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs {@code bin/pgseam} as a user does, from the unzipped archive and with the connector's configuration in a file. */
final class ArchiveCommands {

    private static final int OK = 0;
    private static final int NO = 1;

    private final Path script;
    private final Path configuration;
    private final String bootstrapServers;

    private ArchiveCommands(Path script, Path configuration, String bootstrapServers) {
        this.script = script;
        this.configuration = configuration;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Unzips the archive.
     *
     * @param directory an empty directory; the configuration in it has the password of the source
     */
    static ArchiveCommands unzip(Path archive, Path directory, Map<String, String> settings, String bootstrapServers)
            throws IOException {
        PluginArchive.unzip(archive, directory);
        Path configuration = Files.createFile(
                directory.resolve("connector.json"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        new ObjectMapper().writeValue(configuration.toFile(), settings);
        try (Stream<Path> unzipped = Files.list(directory)) {
            Path script = unzipped.map(path -> path.resolve("bin/pgseam"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(archive + " has no bin/pgseam"));
            return new ArchiveCommands(script, configuration, bootstrapServers);
        }
    }

    /**
     * Runs a command and gives its standard output and error.
     *
     * @param command its words, before the configuration
     * @param options what comes behind
     * @throws IllegalStateException if its exit status is not 0
     */
    String run(List<String> command, String... options) throws IOException, InterruptedException {
        return run(OK, command, options);
    }

    /** The same of a command that may also answer no. */
    String ask(List<String> command, String... options) throws IOException, InterruptedException {
        return run(NO, command, options);
    }

    /** What a person types to run a command against the same servers, once the variables are exported. */
    String typed(String command) {
        return script + " " + command + " " + configuration;
    }

    private String run(int highestStatus, List<String> command, String... options)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("sh", script.toString()));
        line.addAll(command);
        line.add(configuration.toString());
        line.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("PGSEAM_BOOTSTRAP_SERVER", bootstrapServers);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() > highestStatus) {
            throw new IllegalStateException("pgseam " + String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
