package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.PluginArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Builds the images of {@code docker/} from the plugin archive, where a Docker engine answers and an image to begin with is there. */
class DockerImagesIT {

    private static final Path DOCKER = Path.of("docker").toAbsolutePath();
    private static final String VERSION = System.getProperty("pgseam.project.version");

    private final List<String> images = new ArrayList<>();

    @TempDir
    Path directory;

    private Path context;

    /** @param status exit status */
    private record Outcome(int status, String output) {}

    @BeforeEach
    void unzipTheArchive() throws Exception {
        Outcome engine;
        try {
            engine = run("docker", "info", "--format", "{{.ServerVersion}}");
        } catch (IOException e) {
            throw new TestAbortedException("images are built with Docker, and there is no docker: not tested");
        }
        if (engine.status() != 0) {
            throw new TestAbortedException("images are built with Docker, and no engine answers: not tested");
        }
        context = Files.createDirectory(directory.resolve("context"));
        PluginArchive.unzip(Path.of(System.getProperty("pgseam.plugin.archive")), context);
        // As unzip does, by the mode that the archive has for it.
        assertThat(context.resolve("pgseam-connector-" + VERSION + "/bin/pgseam")
                        .toFile()
                        .setExecutable(true))
                .isTrue();
    }

    @AfterEach
    void removeTheImages() throws Exception {
        for (String image : images) {
            run("docker", "image", "rm", "--force", image);
        }
    }

    /** The base has a shell and no Java: the JDK that runs this test is lent to it. */
    @Test
    void theConnectImageHasThePluginWhereAWorkerLooksAndTheCommandLineOnThePath() throws Exception {
        String base = base();
        String image = build("Dockerfile", "--build-arg", "CONNECT_IMAGE=" + base);
        String java = System.getProperty("java.home");

        Outcome version = run(
                "docker",
                "run",
                "--rm",
                "--network",
                "none",
                "--volume",
                "/usr:/usr:ro",
                "--volume",
                java + ":" + java + ":ro",
                "--env",
                "JAVA_HOME=" + java,
                "--entrypoint",
                "/bin/sh",
                image,
                "-c",
                "pgseam --version && ls $CONNECT_PLUGIN_PATH/pgseam-connector/lib");

        assertThat(version.output()).contains("pgseam " + VERSION, "pgseam-connector-" + VERSION + ".jar");
        assertThat(version.status()).as(version.output()).isZero();
    }

    @Test
    void theArchiveImageHoldsTheUnzippedArchive() throws Exception {
        String image = build("Dockerfile.archive");
        Outcome container = run("docker", "create", image, "nothing");
        String id = container.output().strip().lines().reduce("", (first, second) -> second);
        Path copy = directory.resolve("copy");
        try {
            run("docker", "cp", id + ":/pgseam-connector", copy.toString());
        } finally {
            run("docker", "rm", id);
        }

        assertThat(files(copy)).isEqualTo(files(context.resolve("pgseam-connector-" + VERSION)));
        assertThat(copy.resolve("bin/pgseam")).isExecutable();
    }

    @Test
    void everyImageOfTheDemoIsPinnedAndOfNoRegistryHost() throws Exception {
        for (String file : List.of("compose.yml", "compose.clickhouse.yml")) {
            try (Stream<String> lines = Files.lines(DOCKER.resolve(file))) {
                List<String> named = lines.filter(line -> line.strip().startsWith("image:"))
                        .map(line -> line.strip().substring("image:".length()).strip())
                        .toList();
                assertThat(named)
                        .as(file)
                        .isNotEmpty()
                        .allMatch(name -> name.matches("[a-z-]+(/[a-z0-9-]+)?:[A-Za-z0-9.]+"));
            }
        }
        Outcome script = run("bash", "-n", DOCKER.resolve("demo").toString());
        assertThat(script.status()).as(script.output()).isZero();
    }

    private String build(String file, String... options) throws Exception {
        String image = "pgseam-test-" + file.toLowerCase(Locale.ROOT) + ":"
                + ProcessHandle.current().pid();
        List<String> command = new ArrayList<>(List.of("docker", "build", "--tag", image, "--file"));
        command.add(DOCKER.resolve(file).toString());
        command.addAll(List.of(options));
        command.add(context.toString());
        images.add(image);
        Outcome built = run(command.toArray(String[]::new));
        assertThat(built.status()).as(built.output()).isZero();
        return image;
    }

    private static String base() throws Exception {
        String base = System.getenv().getOrDefault("PGSEAM_TEST_POSTGRES_IMAGE", "postgres:15");
        if (run("docker", "image", "inspect", base).status() != 0) {
            throw new TestAbortedException("the image " + base + " to begin with is not there: not tested");
        }
        return base;
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString()).sorted().toList();
        }
    }

    private static Outcome run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }
}
