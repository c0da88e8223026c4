package io.pgseam;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.leader.EarlierNames;
import io.pgseam.leader.HeartbeatQuery;
import io.pgseam.leader.Leader;
import io.pgseam.leader.LeaderHost;
import io.pgseam.leader.LeaderMetrics;
import io.pgseam.leader.OffsetReset;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistries;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.Sessions;
import io.pgseam.preflight.Validation;
import io.pgseam.task.ConnectorVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Source connector for PostgreSQL: copies the captured tables in parallel, then streams their changes on the same topics, with
 * a known offset where one ends and the other begins.
 *
 * <p>Wiring only: the {@link Leader} owns the phases.
 */
public final class PgSeamSourceConnector extends SourceConnector {

    /** Long enough for a server at hand; a distant start is made up for by Connect, which asks for task configurations again. */
    private static final Duration FIRST_DECISION = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(PgSeamSourceConnector.class);

    private @Nullable Sessions sessions;
    private @Nullable MetricRegistry metrics;
    private @Nullable Leader leader;
    private @Nullable HeartbeatQuery heartbeat;

    /** For Connect, which makes connectors by reflection. */
    public PgSeamSourceConnector() {}

    @Override
    public String version() {
        return ConnectorVersion.get();
    }

    @Override
    public ConfigDef config() {
        return PgSeamSettings.definition();
    }

    @Override
    public Config validate(Map<String, String> connectorConfigs) {
        return Validation.validate(connectorConfigs);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PgSeamSourceTask.class;
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> connectorConfig) {
        return ConnectorTransactionBoundaries.SUPPORTED;
    }

    /**
     * Called before Connect deletes or alters the offsets of the stopped connector.
     *
     * @return true: if the slot is gone, the next start copies everything again
     */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
        OffsetReset.prepare(PgSeamSettings.parse(connectorConfig), offsets);
        return true;
    }

    @Override
    public void start(Map<String, String> props) {
        PgSeamSettings given = PgSeamSettings.parse(props);
        PgSeamSettings.warnings(props).forEach(LOG::warn);
        Ledger ledger = new Ledger(given.topics().prefix(), context().offsetStorageReader());
        PgSeamSettings settings = EarlierNames.resolve(given, ledger);
        sessions = new Sessions(settings.connection());
        metrics = MetricRegistries.ofConnector(context(), settings.connectorName());
        leader = new Leader(props, settings, sessions, ledger, new LeaderMetrics(metrics), new LeaderHost() {
            @Override
            public void requestTaskReconfiguration() {
                context().requestTaskReconfiguration();
            }

            @Override
            public void raiseError(Exception e) {
                context().raiseError(e);
            }
        });
        String query = settings.stream().heartbeatQuery();
        if (query != null) {
            heartbeat = new HeartbeatQuery(
                    sessions, settings.connectorName(), query, settings.stream().heartbeatIntervalMs());
            heartbeat.start();
        }
        try {
            leader.start(FIRST_DECISION);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return leader == null ? List.of() : leader.taskConfigs(maxTasks);
    }

    @Override
    public void stop() {
        if (heartbeat != null) {
            heartbeat.close();
            heartbeat = null;
        }
        if (leader != null) {
            leader.close();
            leader = null;
        }
        if (sessions != null) {
            sessions.close();
            sessions = null;
        }
        if (metrics != null) {
            metrics.close();
            metrics = null;
        }
    }
}
