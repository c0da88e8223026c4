package io.pgseam.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The jars of another version of Kafka Connect, with everything that they need, as Maven resolves them. */
public final class ConnectRuntime {

    private static final String POM = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>io.pgseam</groupId>
              <artifactId>connect-runtime-of-another-version</artifactId>
              <version>1</version>
              <dependencies>
                <dependency>
                  <groupId>org.apache.kafka</groupId>
                  <artifactId>connect-runtime</artifactId>
                  <version>%s</version>
                </dependency>
              </dependencies>
            </project>
            """;

    private ConnectRuntime() {}

    /**
     * The jars of a version.
     *
     * @throws AssertionError if Maven cannot resolve them
     */
    public static List<Path> jars(String version) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(Path.of("target", "connect-runtime", version));
        Path classPath = directory.resolve("classpath.txt").toAbsolutePath();
        if (Files.notExists(classPath)) {
            Path pom = Files.writeString(directory.resolve("pom.xml"), POM.formatted(version));
            Process maven = new ProcessBuilder(
                            maven(),
                            "-B",
                            "-q",
                            "-f",
                            pom.toString(),
                            "dependency:build-classpath",
                            "-Dmdep.outputFile=" + classPath)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (maven.waitFor() != 0) {
                throw new AssertionError("Maven cannot resolve connect-runtime " + version + ": " + output);
            }
        }
        return List.of(Files.readString(classPath).split(File.pathSeparator)).stream()
                .map(Path::of)
                .toList();
    }

    private static String maven() {
        String home = System.getProperty("maven.home");
        return home == null ? "mvn" : Path.of(home, "bin", "mvn").toString();
    }
}
