package io.pgseam.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A StarRocks with one backend, from the image that {@code docker/compose.yml} names. It is in the network of this machine, because Kafka in
 * tests tells its clients to connect to localhost; so port 9030 has to be free.
 */
public final class ContainerStarRocks implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
    private static final int QUERY_PORT = 9030;

    private final GenericContainer<?> container;

    private ContainerStarRocks(GenericContainer<?> container) {
        this.container = container;
    }

    /**
     * Starts one.
     *
     * @throws org.opentest4j.TestAbortedException where no containers run
     */
    public static ContainerStarRocks start() throws java.io.IOException {
        ContainerEngine.require("StarRocks");
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image()))
                .withNetworkMode("host")
                .waitingFor(Wait.forSuccessfulCommand(
                                "mysql -h 127.0.0.1 -P 9030 -u root -N -e 'SHOW BACKENDS' | grep -qw true")
                        .withStartupTimeout(START_TIMEOUT));
        container.start();
        return new ContainerStarRocks(container);
    }

    private static String image() throws java.io.IOException {
        Pattern image = Pattern.compile("image: (starrocks/\\S+)");
        Optional<String> found = Files.readAllLines(Path.of("docker", "compose.yml")).stream()
                .map(image::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst();
        return found.orElseThrow(() -> new IllegalStateException("docker/compose.yml names no image of StarRocks"));
    }

    /** As {@code --target} takes it. User {@code root} has no password. */
    public String address() {
        return "starrocks://127.0.0.1:" + QUERY_PORT;
    }

    @Override
    public void close() {
        container.stop();
    }
}
