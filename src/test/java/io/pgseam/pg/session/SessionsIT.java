package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.catalog.Publications;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;

class SessionsIT extends DatabaseScenario {

    @Test
    void canWriteThoughTheRoleIsReadOnlyByDefault() throws Exception {
        TestDatabase database = database(18);
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        database.execute(
                "ALTER ROLE CURRENT_USER IN DATABASE " + database.name() + " SET default_transaction_read_only = on");
        assertThat(database.queryOne("SHOW default_transaction_read_only")).isEqualTo("on");
        try (PgConnection session = sessions.open("publication");
                Statement statement = session.createStatement()) {
            statement.execute("CREATE PUBLICATION made");
            assertThat(new Publications(session).find("made")).isPresent();
        }
    }

    /** Each test that has a connector fails if a poll waits for the source: assertions are on in all of them. */
    @Test
    void aThreadOfConnectCannotAskTheSource() throws Exception {
        Sessions sessions = closing(new Sessions(database(18).connectionSettings()));
        try (PgConnection session = sessions.open("catalog");
                Statement statement = session.createStatement()) {
            NoWaiting.begin();
            try {
                assertThatThrownBy(() -> statement.execute("SELECT 1"))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("a thread of Connect waits for the source");
                assertThatThrownBy(() -> sessions.open("another")).isInstanceOf(AssertionError.class);
            } finally {
                NoWaiting.end();
            }
            assertThat(sessions.open("another").isValid(10)).isTrue();
        }
    }

    /** The server has the same code for it as for a table that a role must not read, which another attempt would not mend. */
    @OnEachPostgres
    void aRoleThatMayNotConnectAnyLongerIsRefusedAsByAPassword(int version) throws Exception {
        TestDatabase database = database(version);
        String role = "role_of_" + database.name();
        database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
        closing(() -> database.execute("DROP OWNED BY " + role, "DROP ROLE " + role));
        ConnectionSettings owner = database.connectionSettings();
        Sessions sessions = closing(new Sessions(new ConnectionSettings(
                owner.hostname(),
                owner.port(),
                owner.database(),
                role,
                "secret",
                owner.connectTimeoutMs(),
                owner.driverProperties(),
                owner.applicationName())));
        assertThatThrownBy(() -> sessions.openReplication("stream"))
                .as("a role without REPLICATION")
                .satisfies(SessionsIT::isRefusedForNow);
        database.execute("REVOKE CONNECT ON DATABASE " + database.name() + " FROM PUBLIC");
        assertThatThrownBy(() -> sessions.open("leader"))
                .as("a role without CONNECT")
                .satisfies(SessionsIT::isRefusedForNow);
    }

    private static void isRefusedForNow(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(SQLException.class, error -> {
            assertThat(SqlErrors.isLoginRefused(error)).isTrue();
            assertThat(SqlErrors.outcomeOf(error)).isEqualTo(SqlErrors.Outcome.TRANSIENT);
        });
    }
}
