package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import org.postgresql.jdbc.PgConnection;

/** Servers say different things of a snapshot that they do not have. */
class SnapshotHolderIT extends DatabaseScenario {

    @OnEachPostgres
    void findsASnapshotThatASessionHoldsAndNoOther(int version) throws Exception {
        TestDatabase database = database(version);
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        PgConnection session = closing(sessions.open("test"));
        SnapshotHolder holder = closing(SnapshotHolder.open(sessions, "holder_" + version, SlotLifetime.TEMPORARY));
        String id = holder.snapshot();
        String view = holder.view();
        assertThat(SnapshotHolder.imports(session, id, view)).isTrue();
        session.execSQLUpdate("ROLLBACK");
        assertThat(SnapshotHolder.imports(session, id, "another")).isFalse();
        holder.close();
        // Its session ends some time after it is told to.
        Eventually.holds("the snapshot is gone", () -> {
            boolean found = SnapshotHolder.imports(session, id, view);
            session.execSQLUpdate("ROLLBACK");
            return !found;
        });
        for (String lost : new String[] {"", "00000003-0000001B-9", "no id", "../global", "'; SELECT 1; --"}) {
            assertThat(SnapshotHolder.imports(session, lost, view)).as(lost).isFalse();
        }
    }
}
