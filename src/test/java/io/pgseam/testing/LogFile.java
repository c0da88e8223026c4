package io.pgseam.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What this JVM logs from a moment on: of the connector, and of the workers that run in it. */
public final class LogFile {

    private static final Path FILE = Path.of(System.getProperty("pgseam.log.file", "target/test.log"));

    private final int start;

    private LogFile(int start) {
        this.start = start;
    }

    /** Begins now. */
    public static LogFile fromNow() throws IOException {
        return new LogFile(Files.readAllBytes(FILE).length);
    }

    /** Waits for a line that has each of these texts. */
    public void awaitLine(String... texts) {
        Eventually.holds("the log says " + List.of(texts), () -> !lines(texts).isEmpty());
    }

    /** The lines so far that have each of these texts. */
    public List<String> lines(String... texts) throws IOException {
        byte[] all = Files.readAllBytes(FILE);
        return new String(all, start, all.length - start, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> Arrays.stream(texts).allMatch(line::contains))
                .toList();
    }
}
