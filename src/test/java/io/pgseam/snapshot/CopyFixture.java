package io.pgseam.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanState;
import io.pgseam.record.JsonForm;
import io.pgseam.record.MessageHash;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTables;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.OversizePolicy;
import io.pgseam.task.TransactionBoundary;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * An anchor of a database, and copy tasks that a test polls in place of Connect: what was polled is in Kafka, acknowledged and
 * committed, as soon as the test says so.
 */
final class CopyFixture implements AutoCloseable {

    static final String SERVER = "shop";
    static final String PUBLICATION = "copied";
    private static final int STRIDES_PER_CHUNK = 4;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Map<Map<String, ?>, Map<String, Object>> committed = new ConcurrentHashMap<>();
    private final List<SourceRecord> sent = new ArrayList<>();
    private final CopySettings settings;
    private final @Nullable PackSettings pack;
    private final Sessions leader;
    private final SnapshotHolder holder;
    private CopyPlan plan;
    private final ControlRecords control =
            new ControlRecords(SERVER, SERVER + ".seam", JsonForm.BYTES, Clock.systemUTC());
    private final List<AutoCloseable> open = new ArrayList<>();
    private ConnectionSettings road;
    private long nextOffset;
    private int batches;
    private long mostTopics;
    private int rows;
    private int drops;

    /** Opens an anchor, and plans every table of the database. */
    CopyFixture(TestDatabase database, CopySettings settings) throws SQLException {
        this(database, settings, null);
    }

    /** @param pack how rows share messages; null if each is a message */
    CopyFixture(TestDatabase database, CopySettings settings, @Nullable PackSettings pack) throws SQLException {
        this.pack = pack;
        this.settings = settings;
        this.road = database.connectionSettings();
        database.execute("CREATE PUBLICATION " + PUBLICATION + " FOR ALL TABLES");
        leader = new Sessions(database.connectionSettings());
        holder = SnapshotHolder.open(leader, "copied", SlotLifetime.TEMPORARY);
        try (PgConnection session = leader.open("plan")) {
            Catalog catalog = new Catalog(session);
            plan = CopyPlan.of(
                    catalog.capturedTables(PUBLICATION, table -> true, (table, column) -> true),
                    STRIDES_PER_CHUNK * settings.strideBytes(),
                    catalog.blockSize(),
                    1);
        }
    }

    /** As if a signal had asked for these rows only. */
    void choose(String condition) {
        plan = new CopyPlan(plan.relations().stream()
                .map(relation -> relation.choosing(condition, ""))
                .toList());
    }

    CopyPlan plan() {
        return plan;
    }

    /** Tasks that are started from now on reach the source on another road. */
    void take(ConnectionSettings other) {
        road = other;
    }

    /** From now on, each so many-th row is dropped in place of being sent. */
    void dropEvery(int nth) {
        drops = nth;
    }

    /** How many batches with a record were polled. */
    int batches() {
        return batches;
    }

    /** To how many topics the records of one batch went, at most. */
    long mostTopics() {
        return mostTopics;
    }

    /** Starts a task that has everything to copy. */
    CopyTask start() {
        Anchor anchor = new Anchor(1, holder.lsn());
        AnchorSnapshot snapshot = new AnchorSnapshot(holder.snapshot(), holder.view(), 0);
        Sessions sessions = new Sessions(road);
        CopyTask task = new CopyTask(
                SERVER,
                new CopyAssignment(anchor, snapshot, 0, 1, plan),
                new PlanState(1, anchor.lsn(), snapshot, "", CopyPlanCodec.encode(plan), false),
                settings,
                sessions,
                new Ledger(SERVER, new Committed()),
                control,
                new TransactionBoundary(null),
                new MessageLimit(Long.MAX_VALUE, OversizePolicy.FAIL, control, Clock.systemUTC()),
                records(),
                CopyFixture::topic,
                new CopyMetrics(MetricRegistry.NONE, 0));
        open.add(sessions);
        open.add(task::close);
        return task;
    }

    private static String topic(TableId table) {
        return SERVER + "." + table;
    }

    private TableRecordsFactory records() {
        UnrepresentableValues unrepresentable = new UnrepresentableValues(Clock.systemUTC());
        FlatSettings flat = FlatSettings.defaults();
        return pack == null
                ? new FlatTables(CopyFixture::topic, flat, false, false, unrepresentable)
                : FlatTables.packed(CopyFixture::topic, flat, unrepresentable, pack);
    }

    /** One poll, as Connect does it: what comes is sent, acknowledged and committed. */
    List<SourceRecord> poll(CopyTask task) throws InterruptedException {
        List<SourceRecord> batch = task.poll();
        if (batch == null) {
            return List.of();
        }
        batches++;
        mostTopics = Math.max(
                mostTopics, batch.stream().map(SourceRecord::topic).distinct().count());
        for (SourceRecord record : batch) {
            boolean row = !record.topic().equals(control.topic());
            if (row && drops > 0 && ++rows % drops == 0) {
                task.acknowledged(record, null);
                continue;
            }
            sent.add(record);
            acknowledge(task, record);
            committed.put(record.sourcePartition(), new HashMap<>(record.sourceOffset()));
        }
        task.committed();
        return batch;
    }

    private void acknowledge(CopyTask task, SourceRecord record) {
        task.acknowledged(record, new RecordMetadata(new TopicPartition(record.topic(), 0), nextOffset++, 0, 0, 0, 0));
    }

    /** Polls until it has sent something of this kind, or for a minute. */
    void pollUntil(CopyTask task, Predicate<CopyFixture> reached) throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!reached.test(this)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + TIMEOUT + ", sent " + sent.size() + " records");
            }
            poll(task);
        }
    }

    /** Polls until every chunk of the plan is done by the committed offsets. */
    void pollUntilCopied(CopyTask task) throws InterruptedException {
        pollUntil(task, fixture -> fixture.control("chunk").size() == plan.chunks());
    }

    /** The values that were sent to the topic of a table. */
    List<JsonNode> rows(String table) {
        return values(SERVER + ".public." + table);
    }

    /** The sum of the hashes of the rows that were sent to the topic of a table. */
    long hashOfRows(String table) {
        return messagesOf(table)
                .flatMap(message -> PackedRows.rows((byte[]) message.value(), List.of()).stream()
                        .map(row -> MessageHash.of((byte[]) message.key(), row.value())))
                .mapToLong(Long::longValue)
                .sum();
    }

    /** How many messages were sent to the topic of a table. */
    long messages(String table) {
        return messagesOf(table).count();
    }

    private Stream<SourceRecord> messagesOf(String table) {
        return sent.stream().filter(record -> record.topic().equals(SERVER + ".public." + table));
    }

    /** The control records of a type that were sent. */
    List<JsonNode> control(String type) {
        return values(control.topic()).stream()
                .filter(value -> value.path("type").asText().equals(type))
                .toList();
    }

    private List<JsonNode> values(String topic) {
        List<JsonNode> values = new ArrayList<>();
        for (SourceRecord record : sent) {
            if (record.topic().equals(topic)) {
                PackedRows.rows((byte[]) record.value(), List.of()).forEach(row -> values.add(json(row.value())));
            }
        }
        return values;
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new AssertionError(new String(bytes, StandardCharsets.UTF_8), e);
        }
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        holder.close();
        leader.close();
    }

    private final class Committed implements OffsetStorageReader {

        @Override
        public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
            return committed.get(partition);
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            for (Map<String, T> partition : partitions) {
                Map<String, Object> offset = committed.get(partition);
                if (offset != null) {
                    found.put(partition, offset);
                }
            }
            return found;
        }
    }
}
