package io.pgseam.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.PortBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** A server in a container. Its port on this machine is fixed, so that it survives restarts. */
final class ContainerPostgresServer extends PostgresServer {

    private static final int CONTAINER_PORT = 5432;
    private static final int STOP_TIMEOUT_SECONDS = 30;
    private static final int IMAGE_VERSION = 15;

    private final GenericContainer<?> container;
    private final int port;

    private ContainerPostgresServer(int version, GenericContainer<?> container, int port) {
        super(version);
        this.container = container;
        this.port = port;
    }

    static ContainerPostgresServer launch(int version, Map<String, String> settings) {
        if (version != IMAGE_VERSION) {
            throw new IllegalArgumentException("no test server for PostgreSQL " + version
                    + ": its binaries are not in target/postgres-binaries (run Maven's generate-test-resources)");
        }
        ContainerEngine.require("PostgreSQL " + version);
        int port = FreePort.next();
        List<String> command = new ArrayList<>(List.of("postgres"));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image(version)))
                .withEnv("POSTGRES_PASSWORD", SUPERUSER_PASSWORD)
                .withEnv("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C.UTF-8 --no-sync")
                .withExposedPorts(CONTAINER_PORT)
                .withCreateContainerCmdModifier(create -> java.util.Objects.requireNonNull(create.getHostConfig())
                        .withPortBindings(PortBinding.parse(port + ":" + CONTAINER_PORT)))
                .withCommand(command.toArray(String[]::new))
                // Once for the server that runs the initialisation, once for the real one.
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*\\s", 2)
                        .withStartupTimeout(START_TIMEOUT));
        container.start();
        ContainerPostgresServer server = new ContainerPostgresServer(version, container, port);
        try {
            server.awaitSessions();
        } catch (RuntimeException | Error e) {
            container.stop();
            throw e;
        }
        return server;
    }

    private static String image(int version) {
        String image = System.getenv("PGSEAM_TEST_POSTGRES_IMAGE");
        return image == null || image.isBlank() ? "postgres:" + version : image;
    }

    private void awaitSessions() {
        Eventually.holds(this + " accepts sessions", START_TIMEOUT, () -> {
            connect().close();
            return true;
        });
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void stop(Stop stop) {
        DockerClient docker = container.getDockerClient();
        String id = container.getContainerId();
        switch (stop) {
            case FAST ->
                docker.stopContainerCmd(id).withTimeout(STOP_TIMEOUT_SECONDS).exec();
            case IMMEDIATE -> {
                docker.killContainerCmd(id).exec();
                Eventually.holds("container " + id + " has ended", Duration.ofSeconds(STOP_TIMEOUT_SECONDS), () -> {
                    return !Boolean.TRUE.equals(
                            docker.inspectContainerCmd(id).exec().getState().getRunning());
                });
            }
        }
    }

    @Override
    public void startAgain() {
        container
                .getDockerClient()
                .startContainerCmd(container.getContainerId())
                .exec();
        awaitSessions();
    }

    @Override
    public String log() {
        return container.getLogs();
    }

    @Override
    void discard() {
        container.stop();
    }
}
