package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.catalog.Publications;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.TestDatabase;
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
}
