package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;

final class ServerCatalogIT extends DatabaseScenario {

    @OnEachPostgres
    void tellsTheServerAndTheRole(int version) throws Exception {
        PostgresServer server = PostgresServer.shared(version);
        TestDatabase database = closing(server.createDatabase());
        Connection session = session(database, "catalog");
        ServerState state = new ServerCatalog(session).server();
        assertThat(state.majorVersion()).isEqualTo(version);
        assertThat(state.inRecovery()).isFalse();
        assertThat(state.walLevel()).isEqualTo("logical");
        assertThat(state.maxSlots()).isEqualTo(20);
        assertThat(state.maxWalSenders()).isEqualTo(20);
        assertThat(state.superuser()).isTrue();
        assertThat(state.mayReplicate()).isTrue();
        assertThat(state.mayCreate()).isTrue();
    }

    @OnEachPostgres
    void tellsASlotAndWhoUsesIt(int version) throws Exception {
        PostgresServer server = PostgresServer.shared(version);
        Sessions sessions;
        TestDatabase database = closing(server.createDatabase());
        sessions = new Sessions(database.connectionSettings());
        String slot = "slot_of_" + database.name();
        try (Connection session = sessions.open("catalog")) {
            ServerCatalog catalog = new ServerCatalog(session);
            assertThat(catalog.slot(slot)).isEmpty();
            int before = catalog.server().usedSlots();

            database.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
            SlotState idle = catalog.slot(slot).orElseThrow();
            assertThat(idle.plugin()).isEqualTo("pgoutput");
            assertThat(idle.database()).isEqualTo(database.name());
            assertThat(idle.active()).isFalse();
            assertThat(idle.activePid()).isNull();
            assertThat(idle.isUsedBy("pgseam test")).isFalse();
            assertThat(idle.confirmedFlushLsn()).isNotNull();
            assertThat(idle.restartLsn()).isNotNull();
            assertThat(idle.walStatus()).isEqualTo("reserved");
            assertThat(idle.isInvalidated()).isFalse();
            assertThat(catalog.server().usedSlots()).isGreaterThan(before);
        }
        try (Connection walsender = sessions.openReplication("stream");
                Statement statement = walsender.createStatement();
                Connection session = sessions.open("catalog")) {
            statement.execute("CREATE_REPLICATION_SLOT temporary_" + database.name() + " TEMPORARY LOGICAL pgoutput");
            SlotState used = new ServerCatalog(session)
                    .slot("temporary_" + database.name())
                    .orElseThrow();
            assertThat(used.temporary()).isTrue();
            assertThat(used.active()).isTrue();
            assertThat(used.activePid()).isNotNull();
            assertThat(used.activeApplication()).isEqualTo("pgseam test stream");
            assertThat(used.isUsedBy("pgseam test")).isTrue();
            assertThat(used.isUsedBy("pgseam tes")).isFalse();
            assertThat(new ServerCatalog(session).server().usedWalSenders()).isPositive();
        }
    }
}
