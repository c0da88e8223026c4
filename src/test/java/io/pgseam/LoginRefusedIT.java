package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.LogFile;
import io.pgseam.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that refuses the login of a connector that streams well: it keeps streaming, says so, and needs nobody afterwards. */
class LoginRefusedIT extends ConnectorScenario {

    private static final String REFUSED = "Sessions that are open stay";

    @Test
    void aConnectorThatStreamsOutlastsANewPasswordAndALostRight(@TempDir Path directory) throws Exception {
        TestDatabase database = database(18, "CREATE TABLE t (id int PRIMARY KEY, v text)");
        String role = "role_of_" + database.name();
        database.execute("CREATE ROLE " + role + " LOGIN SUPERUSER REPLICATION PASSWORD 'first'");
        closing(() -> database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role));
        Path password = Files.writeString(directory.resolve("password"), "first");
        RunningConnector connector = connector(
                database,
                "database.user=" + role,
                "database.password=",
                "database.password.file=" + password,
                "table.check.interval.ms=500");
        connector.awaitSeam();
        database.execute("INSERT INTO t VALUES (0, 'the stream knows the table')");
        connector.awaitReplayed("public.t");

        LogFile log = LogFile.fromNow();
        database.execute("ALTER ROLE " + role + " PASSWORD 'second'");
        // Each look at the tables opens a session of its own.
        log.awaitLine(REFUSED, "28P01");
        database.execute("INSERT INTO t VALUES (1, 'by the session that is open')");
        connector.awaitReplayed("public.t");
        database.endSessions(".*");
        database.execute("INSERT INTO t VALUES (2, 'without a session')");
        log.awaitLine("Streaming from slot", "28P01");
        assertThat(connector.status().anyFailed()).isFalse();
        Files.writeString(password, "second");
        connector.awaitReplayed("public.t");

        log = LogFile.fromNow();
        database.execute("ALTER ROLE " + role + " NOSUPERUSER NOREPLICATION");
        database.endSessions(".*");
        database.execute("INSERT INTO t VALUES (3, 'not allowed to replicate')");
        log.awaitLine("Streaming from slot", "42501");
        assertThat(connector.status().anyFailed()).isFalse();
        database.execute("ALTER ROLE " + role + " SUPERUSER REPLICATION");
        connector.awaitReplayed("public.t");
        assertThat(connector.status().anyFailed()).isFalse();
    }
}
