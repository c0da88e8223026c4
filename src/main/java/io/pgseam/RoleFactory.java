package io.pgseam;

import io.pgseam.capture.RefusedTables;
import io.pgseam.capture.TableSelection;
import io.pgseam.capture.TableSelector;
import io.pgseam.config.Converters;
import io.pgseam.config.InvalidTextPolicy;
import io.pgseam.config.LogicalMessageSettings;
import io.pgseam.config.OutputFormat;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.TopicClaims;
import io.pgseam.config.TransactionSettings;
import io.pgseam.config.TruncatePolicy;
import io.pgseam.config.UnchangedToastPolicy;
import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.leader.TaskConfigs;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.Metric;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.SetAsideTable;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.record.JsonContent;
import io.pgseam.record.JsonForm;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.TransactionRecords;
import io.pgseam.record.debezium.DebeziumMessages;
import io.pgseam.record.debezium.DebeziumSettings;
import io.pgseam.record.debezium.DebeziumTables;
import io.pgseam.record.debezium.DebeziumTransactions;
import io.pgseam.record.flat.FlatMessages;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTables;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.record.mask.MaskedRecordsFactory;
import io.pgseam.snapshot.CopyAssignment;
import io.pgseam.snapshot.CopyMetrics;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopySettings;
import io.pgseam.snapshot.CopyTask;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.PlanTask;
import io.pgseam.stream.CoveredTables;
import io.pgseam.stream.MessageCapture;
import io.pgseam.stream.SessionCatalog;
import io.pgseam.stream.SignalChannels;
import io.pgseam.stream.StreamAssignment;
import io.pgseam.stream.StreamMetrics;
import io.pgseam.stream.StreamSettings;
import io.pgseam.stream.StreamTask;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a task together from its configuration: settings become what each part needs. */
final class RoleFactory {

    private static final Logger LOG = LoggerFactory.getLogger(RoleFactory.class);
    private static final long MOST_CATALOG_LOOK_MS = 10_000;

    /** By these Debezium sees whether names have to be fit for Avro. */
    private static final List<String> CONVERTERS = List.of(Converters.KEY, Converters.VALUE);

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final @Nullable TransactionContext transactionContext;
    private final Map<String, String> props;
    private final MetricRegistry metrics;

    RoleFactory(
            PgSeamSettings settings,
            Sessions sessions,
            Ledger ledger,
            @Nullable TransactionContext transactionContext,
            Map<String, String> props,
            MetricRegistry metrics) {
        this.metrics = metrics;
        this.settings = settings;
        this.sessions = sessions;
        this.ledger = ledger;
        this.transactionContext = transactionContext;
        this.props = Map.copyOf(props);
    }

    /** Makes the task's role. Asks the source nothing: roles do so in threads of their own. */
    TaskRole make() {
        String server = settings.topics().prefix();
        ControlRecords control = new ControlRecords(
                server, settings.topics().controlTopic(), controlForm(), Clock.systemUTC(), settings.masks());
        TransactionBoundary transactions = new TransactionBoundary(transactionContext);
        MessageLimit limit =
                new MessageLimit(mostMessageBytes(), settings.message().oversize(), control, Clock.systemUTC());
        metrics.register(Metric.OVERSIZE_SKIPPED, limit::skipped);
        if (TaskConfigs.writesPlan(props)) {
            PlanTask.Assignment assignment = TaskConfigs.planAssignment(props);
            begins(assignment);
            return new PlanTask(server, assignment, new CopyRecords(control), transactions);
        }
        PlanReader plans = new PlanReader(ledger);
        if (TaskConfigs.isCopy(props)) {
            CopyAssignment assignment = TaskConfigs.copyAssignment(props, plans);
            begins(assignment);
            return new CopyTask(
                    server,
                    assignment,
                    TaskConfigs.planState(props, settings),
                    copySettings(),
                    sessions,
                    ledger,
                    control,
                    transactions,
                    limit,
                    recordsFactory(assignment.plan()),
                    settings.topics()::topicFor,
                    new CopyMetrics(metrics, settings.metrics().mostTables()));
        }
        StreamAssignment assignment = TaskConfigs.streamAssignment(props, plans);
        begins(assignment);
        RefusedTables refused = new RefusedTables(settings);
        return new StreamTask(
                server,
                assignment,
                TaskConfigs.planState(props, settings),
                streamSettings(),
                sessions,
                ledger,
                control,
                transactions,
                limit,
                new SessionCatalog(
                        sessions,
                        settings.capture()::includesTable,
                        settings.capture()::includesColumn,
                        settings.capture()::messageKey,
                        (table, column) -> settings.masks().of(table, column) != null,
                        (session, unread) -> setAside(session, assignment.plan(), unread, refused),
                        covered(assignment.plan())),
                recordsFactory(assignment.plan()),
                settings.topics()::topicFor,
                new StreamMetrics(metrics, settings.metrics().mostTables()));
    }

    private void begins(Object assignment) {
        LOG.info("A task of connector {} begins: {}", settings.connectorName(), assignment);
    }

    /** If nothing is copied, no change has to wait for rows. */
    private CoveredTables covered(CopyPlan plan) {
        return settings.snapshot().mode() == SnapshotMode.INITIAL ? new CoveredTables(plan) : CoveredTables.ALL;
    }

    /** By the rules of the leader, which cannot write records. */
    private List<SetAsideTable> setAside(Connection session, CopyPlan covered, Set<Long> unread, RefusedTables refused)
            throws SQLException {
        TableSelection selection = new TableSelector(settings).select(session, covered, unread);
        return refused.settingAside(session, selection).setAside().stream()
                .map(table -> new SetAsideTable(
                        table.oid(), table.table(), table.reason().code(), table.detail(), table.remedy()))
                .toList();
    }

    /** What a transformation makes of a structured record, whose sizes are only estimated, is not known. */
    private long mostMessageBytes() {
        return isTransformed()
                        && settings.output().format() == OutputFormat.DEBEZIUM
                        && !Converters.of(props).areBytes()
                ? Long.MAX_VALUE
                : settings.message().maxBytes();
    }

    private boolean isTransformed() {
        return !props.getOrDefault("transforms", "").isBlank();
    }

    private CopySettings copySettings() {
        return new CopySettings(
                settings.snapshot().strideBytes(),
                settings.snapshot().lockTimeoutMs(),
                settings.stream().maxBatchSize(),
                settings.stream().maxQueueBytes(),
                !isTransformed() && settings.output().format() == OutputFormat.FLAT,
                replacesInvalidText());
    }

    private StreamSettings streamSettings() {
        return new StreamSettings(
                settings.replication().slotName(),
                settings.replication().publicationName(),
                settings.stream().maxBatchSize(),
                settings.stream().maxQueueBytes(),
                settings.stream().heartbeatIntervalMs(),
                settings.stream().statusUpdateIntervalMs(),
                catalogLookMs(),
                settings.stream().truncatePolicy() == TruncatePolicy.FAIL,
                settings.stream().unchangedToast() == UnchangedToastPolicy.COMPLETE,
                settings.stream().limits(),
                replacesInvalidText(),
                settings.snapshot().mode() != SnapshotMode.NO_DATA,
                new SignalChannels(
                        settings.signals().messagePrefix(),
                        settings.signals().table(),
                        settings.signals().topic()),
                messageCapture(),
                transactionRecords());
    }

    private @Nullable TransactionRecords transactionRecords() {
        TransactionSettings transactions = settings.transactions();
        return transactions == null ? null : new DebeziumTransactions(debeziumSettings(), transactions.topic());
    }

    private @Nullable MessageCapture messageCapture() {
        LogicalMessageSettings captured = settings.messages();
        String topic = settings.topics().messageTopic();
        return captured == null
                ? null
                : new MessageCapture(
                        captured::includes,
                        switch (settings.output().format()) {
                            case FLAT -> new FlatMessages(topic);
                            case DEBEZIUM -> new DebeziumMessages(debeziumSettings(), topic, Clock.systemUTC());
                        });
    }

    private boolean replacesInvalidText() {
        return settings.stream().invalidText() == InvalidTextPolicy.REPLACE;
    }

    /** Such a look is cheap and disturbs nothing, unlike what the leader does about tables that have come. */
    private long catalogLookMs() {
        int interval = settings.snapshot().tableCheckIntervalMs();
        return interval == 0 ? MOST_CATALOG_LOOK_MS : Math.min(interval, MOST_CATALOG_LOOK_MS);
    }

    private JsonForm controlForm() {
        return switch (settings.output().format()) {
            case FLAT -> JsonForm.BYTES;
            case DEBEZIUM -> {
                Converters converters = Converters.of(props);
                yield new JsonForm(controlContent(converters.key()), controlContent(converters.value()));
            }
        };
    }

    /** A string, if it is not known what the converter takes. */
    private static JsonContent controlContent(@Nullable String converter) {
        if (Converters.isBytes(converter)) {
            return JsonContent.BYTES;
        }
        return Converters.isJson(converter) ? JsonContent.STRUCTURE : JsonContent.STRING;
    }

    /** @param plan whose tables have their topics, before any other table gets one */
    private TableRecordsFactory recordsFactory(CopyPlan plan) {
        TopicClaims topics = new TopicClaims(settings.topics());
        plan.tables().forEach(table -> topics.hold(table.id()));
        TableRecordsFactory records = switch (settings.output().format()) {
            case FLAT -> flatRecords(topics);
            case DEBEZIUM -> {
                TableRecordsFactory debezium = debeziumRecords();
                yield (table, columns) -> {
                    topics.claim(table);
                    return debezium.recordsOf(table, columns);
                };
            }
        };
        return settings.masks().isEmpty()
                ? records
                : new MaskedRecordsFactory(
                        records, settings.masks(), settings.masks().hashesKeys());
    }

    private DebeziumSettings debeziumSettings() {
        Map<String, String> values = new HashMap<>(settings.debezium().values());
        values.put(
                io.pgseam.config.StreamSettings.UNAVAILABLE_VALUE_PLACEHOLDER,
                settings.stream().unavailableValuePlaceholder());
        for (String converter : CONVERTERS) {
            if (props.containsKey(converter)) {
                values.put(converter, props.get(converter));
            }
        }
        return new DebeziumSettings(
                settings.topics().prefix(),
                settings.connection().database(),
                settings.output().tombstonesOnDelete(),
                settings.stream().unchangedToast() != UnchangedToastPolicy.PLACEHOLDER,
                Converters.of(props).areBytes(),
                values);
    }

    private TableRecordsFactory debeziumRecords() {
        return new DebeziumTables(
                debeziumSettings(),
                sessions,
                settings.topics()::topicFor,
                Clock.systemUTC(),
                settings.masks(),
                settings.capture()::includesColumn);
    }

    private TableRecordsFactory flatRecords(TopicClaims topics) {
        FlatSettings flat = settings.flat();
        UnrepresentableValues unrepresentable = new UnrepresentableValues(Clock.systemUTC());
        metrics.register(Metric.UNREPRESENTABLE, unrepresentable::total);
        PackSettings pack = settings.output().pack();
        return pack == null
                ? new FlatTables(
                        topics::claim,
                        flat,
                        settings.output().tombstonesOnDelete(),
                        settings.output().headers(),
                        unrepresentable)
                : FlatTables.packed(topics::claim, flat, unrepresentable, pack);
    }
}
