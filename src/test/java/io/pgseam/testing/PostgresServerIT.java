package io.pgseam.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresServerIT {

    @OnEachPostgres
    void servesTheVersionThatWasAskedForReadyForLogicalReplication(int version) throws Exception {
        PostgresServer server = PostgresServer.shared(version);
        try (TestDatabase database = server.createDatabase()) {
            assertThat(Integer.parseInt(database.queryOne("SHOW server_version_num")) / 10_000)
                    .isEqualTo(version);
            assertThat(database.queryOne("SHOW wal_level")).isEqualTo("logical");
            assertThat(database.queryOne("SHOW max_replication_slots")).isEqualTo("20");
            assertThat(database.queryOne("SHOW max_wal_senders")).isEqualTo("20");
            assertThat(database.queryOne("SHOW max_connections")).isEqualTo("200");
            assertThat(database.queryOne("SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(database.queryOne("SELECT datcollate FROM pg_database WHERE datname = current_database()"))
                    .isEqualTo("C.UTF-8");
            database.execute("SELECT pg_create_logical_replication_slot('fixture', 'pgoutput')");
            assertThat(database.slots()).containsExactly("fixture");
        }
    }

    @OnEachPostgres
    void asksForPasswords(int version) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase()) {
            assertThatThrownBy(() -> database.connect(PostgresServer.SUPERUSER, "wrong"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
        }
    }

    @Matrix(
            build = "18",
            nightly = {"14", "15"})
    void keepsItsDataAndItsPortOverRestarts(int version) throws Exception {
        try (PostgresServer server = PostgresServer.start(version, Map.of("max_wal_senders", "7"))) {
            TestDatabase database = server.createDatabase("Über \"quoted\"");
            database.execute("CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (1)");
            int port = server.port();
            for (PostgresServer.Stop stop : PostgresServer.Stop.values()) {
                server.restart(stop);
                assertThat(server.port()).isEqualTo(port);
                assertThat(database.queryOne("SELECT count(*) FROM kept")).isEqualTo("1");
                assertThat(database.queryOne("SHOW max_wal_senders")).isEqualTo("7");
            }
            assertThat(server.log()).contains("database system was interrupted");
        }
    }

    @Test
    void dropsADatabaseThatIsInUseWithItsSlots() throws Exception {
        PostgresServer server = PostgresServer.shared(18);
        TestDatabase database = server.createDatabase();
        database.execute("SELECT pg_create_logical_replication_slot('in_use', 'pgoutput')");
        try (Connection open = database.connect()) {
            database.close();
            assertThatThrownBy(() -> PostgresServer.execute(open, "SELECT 1")).isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(database::connect).isInstanceOf(SQLException.class);
    }

    @Test
    void leavesNoProcessAndNoPortBehind() throws Exception {
        PostgresServer server = PostgresServer.start(17);
        String directory;
        try (Connection connection = server.connect();
                ResultSet row = connection.createStatement().executeQuery("SHOW data_directory")) {
            assertThat(row.next()).isTrue();
            directory = row.getString(1);
        }
        assertThat(processesThatName(directory)).isPositive();
        server.close();
        assertThat(processesThatName(directory)).isZero();
        assertThat(Path.of(directory)).doesNotExist();
        assertThatThrownBy(server::connect).isInstanceOf(SQLException.class);
    }

    private static long processesThatName(String directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(directory))
                .count();
    }
}
