package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.TestDatabase;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

/** What a leader that cannot lead answers to Connect, however often it asks. */
class LeaderFailureIT extends DatabaseScenario {

    private static final String REASON = "is one of Debezium's, whose connector has the same name";

    /** As if a connector of another class had had the name and the prefix before: it says what it is, and blames no source. */
    @Test
    void offsetsOfAnotherConnectorClassAreNamedAsTheReason() throws Exception {
        TestDatabase database = database(18, "CREATE TABLE t (id int PRIMARY KEY)");
        CommittedOffsets offsets = new CommittedOffsets();
        offsets.commit(Map.of("server", database.name()), Map.of("lsn_proc", 1L, "lsn", 1L, "txId", 7L, "ts_usec", 1L));
        Map<String, String> configuration = ConnectorSettings.of(database);
        configuration.put("name", database.name());
        Sessions sessions = closing(new Sessions(database.connectionSettings()));
        Leader leader = closing(LoneLeader.of(configuration, sessions, offsets));
        assertThatThrownBy(() -> leader.start(Duration.ofSeconds(60)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(REASON);
        assertThatThrownBy(() -> leader.taskConfigs(1)).hasMessageContaining(REASON);
        leader.close();
        assertThatThrownBy(() -> leader.taskConfigs(1)).hasMessageContaining(REASON);
    }
}
