package io.pgseam;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.leader.EarlierNames;
import io.pgseam.leader.TaskConfigs;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.task.TaskRole;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task of the connector: copies a share of the tables, or streams. Wiring only: the {@link TaskRole} does the work. */
public final class PgSeamSourceTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(PgSeamSourceTask.class);
    private static final long FIRST_RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 1_000;

    private @Nullable Sessions sessions;
    private @Nullable RoleFactory factory;
    private volatile @Nullable TaskRole role;
    private long retryMs = FIRST_RETRY_MS;

    /** For Connect, which makes tasks by reflection. */
    public PgSeamSourceTask() {}

    @Override
    public String version() {
        return ConnectorVersion.get();
    }

    @Override
    public void start(Map<String, String> props) {
        PgSeamSettings given = PgSeamSettings.parse(props);
        Ledger ledger = new Ledger(given.topics().prefix(), context.offsetStorageReader());
        PgSeamSettings settings = EarlierNames.resolve(given, ledger);
        sessions = new Sessions(settings.connection());
        factory = new RoleFactory(settings, sessions, ledger, context.transactionContext(), props);
        LOG.info(
                "Task of connector {} begins: {}",
                settings.connectorName(),
                TaskConfigs.isCopy(props) ? TaskConfigs.copyAssignment(props) : TaskConfigs.streamAssignment(props));
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        TaskRole ready = role;
        if (ready == null) {
            ready = makeRole();
            if (ready == null) {
                Thread.sleep(retryMs);
                retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
                return null;
            }
        }
        return ready.poll();
    }

    /** The source may be away for a while when Connect starts the task: that is no reason to fail. */
    private @Nullable TaskRole makeRole() {
        if (factory == null) {
            throw new IllegalStateException("the task was not started");
        }
        try {
            role = factory.make();
            return role;
        } catch (SQLException e) {
            String reason = SqlErrors.describe(e);
            if (SqlErrors.outcomeOf(e) == SqlErrors.Outcome.PERMANENT) {
                throw new ConnectException("The task cannot read the source's catalogue: " + reason, e);
            }
            LOG.warn("The source does not answer, tries again: {}", reason);
            return null;
        }
    }

    @Override
    public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
        TaskRole ready = role;
        if (ready != null) {
            ready.acknowledged(record, metadata);
        }
    }

    @Override
    public void commit() {
        TaskRole ready = role;
        if (ready != null) {
            ready.committed();
        }
    }

    @Override
    public void stop() {
        TaskRole ready = role;
        if (ready != null) {
            ready.close();
        }
        if (sessions != null) {
            sessions.close();
        }
    }
}
