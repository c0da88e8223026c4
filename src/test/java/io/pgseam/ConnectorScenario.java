package io.pgseam;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** A test of connectors: what it opens is closed when it ends, the newest first. */
public abstract class ConnectorScenario {

    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** One worker, exactly once. */
    protected final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    /** One worker. */
    protected static ConnectCluster cluster(Delivery delivery) {
        return ConnectCluster.shared(1, delivery);
    }

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Has something closed when the test ends. */
    protected final <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A database on the server of this version that the tests share, after these statements. */
    protected final TestDatabase database(int version, String... statements) throws Exception {
        return database(PostgresServer.shared(version), statements);
    }

    /** A database named after the class of the test, after these statements. */
    protected final TestDatabase database(PostgresServer server, String... statements) throws Exception {
        String test = getClass().getSimpleName().replaceFirst("IT$", "").replaceAll("(?<=[a-z])(?=[A-Z])", "_");
        TestDatabase database =
                closing(server.createDatabase(test.toLowerCase(Locale.ROOT) + "_" + DATABASES.incrementAndGet()));
        database.execute(statements);
        return database;
    }

    /** A connector of the database's name; does not wait. */
    protected final RunningConnector connector(TestDatabase database, String... settings) {
        return connector(cluster, database, settings);
    }

    /** A connector of the database's name on another cluster; does not wait. */
    protected final RunningConnector connector(ConnectCluster other, TestDatabase database, String... settings) {
        return closing(RunningConnector.create(other, database, database.name(), settings));
    }

    /** One more connector on a database, with topics of its own. */
    protected final RunningConnector another(TestDatabase database, String name, String... settings) {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "topic.prefix=" + name;
        return closing(RunningConnector.create(cluster, database, name, all));
    }

    /** As {@link #connector}, {@linkplain RunningConnector#createHeld held}. */
    protected final RunningConnector heldConnector(TestDatabase database, String... settings) throws Exception {
        return heldConnector(cluster, database, settings);
    }

    /** The same on another cluster. */
    protected final RunningConnector heldConnector(ConnectCluster other, TestDatabase database, String... settings)
            throws Exception {
        return closing(RunningConnector.createHeld(other, database, database.name(), settings));
    }

    /** As {@link #connector}, {@linkplain RunningConnector#createSlow slow}. */
    protected final RunningConnector slowConnector(TestDatabase database, String... settings) throws Exception {
        return slowConnector(cluster, database, settings);
    }

    /** The same on another cluster. */
    protected final RunningConnector slowConnector(ConnectCluster other, TestDatabase database, String... settings)
            throws Exception {
        return closing(RunningConnector.createSlow(other, database, database.name(), settings));
    }

    /** Runs statements in another thread, because they will have to wait. */
    protected static CompletableFuture<Void> later(Connection session, String... statements) {
        return CompletableFuture.runAsync(() -> {
            try {
                PostgresServer.execute(session, statements);
            } catch (SQLException e) {
                throw new IllegalStateException(List.of(statements).toString(), e);
            }
        });
    }

    @AfterEach
    final void closeWhatIsOpen() throws Exception {
        Exception failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
