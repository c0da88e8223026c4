package io.pgseam;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.leader.EarlierNames;
import io.pgseam.leader.TaskConfigs;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistries;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.NoWaiting;
import io.pgseam.pg.session.Sessions;
import io.pgseam.task.ConnectorVersion;
import io.pgseam.task.TaskRole;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** A task of the connector: copies a share of the tables, or streams. Wiring only: the {@link TaskRole} does the work. */
public final class PgSeamSourceTask extends SourceTask {

    private @Nullable Sessions sessions;
    private @Nullable RoleFactory factory;
    private volatile @Nullable TaskRole role;
    private @Nullable MetricRegistry metrics;

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
        metrics = MetricRegistries.ofTask(context, settings.connectorName(), TaskConfigs.role(props));
        factory = new RoleFactory(settings, sessions, ledger, context.transactionContext(), props, metrics);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        NoWaiting.begin();
        try {
            TaskRole ready = role;
            if (ready == null) {
                if (factory == null) {
                    throw new IllegalStateException("the task was not started");
                }
                ready = factory.make();
                role = ready;
            }
            return ready.poll();
        } finally {
            NoWaiting.end();
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
            NoWaiting.begin();
            try {
                ready.committed();
            } finally {
                NoWaiting.end();
            }
        }
        if (metrics != null) {
            metrics.refresh();
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
        if (metrics != null) {
            metrics.close();
        }
    }
}
