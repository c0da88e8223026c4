package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.Sessions;
import java.util.Map;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** Makes leaders without a worker, for tests of a leader alone: it has no tasks, and must not fail. */
public final class LoneLeader {

    private LoneLeader() {}

    /**
     * A leader that is not started yet.
     *
     * @param configuration the connector's, with its name
     * @param offsets what is committed
     */
    public static Leader of(Map<String, String> configuration, Sessions sessions, OffsetStorageReader offsets) {
        PgSeamSettings settings = PgSeamSettings.parse(configuration);
        return new Leader(
                configuration,
                settings,
                sessions,
                new Ledger(settings.topics().prefix(), offsets),
                new LeaderMetrics(MetricRegistry.NONE),
                new LeaderHost() {
                    @Override
                    public void requestTaskReconfiguration() {}

                    @Override
                    public void raiseError(Exception e) {
                        throw new AssertionError(e);
                    }
                });
    }
}
