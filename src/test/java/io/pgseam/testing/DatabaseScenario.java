package io.pgseam.testing;

import io.pgseam.pg.session.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.postgresql.jdbc.PgConnection;

/** A test on real databases: what it opens is closed when it ends, the newest first. */
public abstract class DatabaseScenario {

    private static final AtomicInteger DATABASES = new AtomicInteger();

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

    /** A session as the connector opens it, for this role. */
    protected final PgConnection session(TestDatabase database, String role) throws SQLException {
        return closing(new Sessions(database.connectionSettings()).open(role));
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
