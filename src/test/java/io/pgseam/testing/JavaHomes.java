package io.pgseam.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The JDKs of this machine: that of the tests, those that the environment names ({@code JAVA_HOME_25_X64} and the like), and those in {@code /usr/lib/jvm}. */
public final class JavaHomes {

    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)[\".].*");

    private JavaHomes() {}

    /**
     * A JDK of this feature version.
     *
     * @throws org.opentest4j.TestAbortedException if there is none
     */
    public static Path of(int version) throws IOException {
        List<Path> candidates = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("JAVA_HOME")) {
                candidates.add(Path.of(value));
            }
        });
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> homes = Files.list(installed)) {
                homes.sorted().forEach(candidates::add);
            }
        }
        for (Path home : candidates) {
            if (Files.isExecutable(home.resolve("bin/java")) && version(home) == version) {
                return home;
            }
        }
        assumeTrue(false, "there is no JDK " + version + " on this machine");
        throw new AssertionError();
    }

    /** By the file that every JDK has; 0 if it does not say. */
    private static int version(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isRegularFile(release)) {
            return 0;
        }
        return Files.readAllLines(release).stream()
                .map(VERSION::matcher)
                .filter(matcher -> matcher.matches())
                .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                .findFirst()
                .orElse(0);
    }
}
