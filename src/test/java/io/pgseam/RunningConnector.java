package io.pgseam;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import io.pgseam.testing.TopicReader.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A connector under test, with what a test asks of it. Closing deletes it. */
public final class RunningConnector implements AutoCloseable {

    public static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** Of a connection on {@linkplain #createSlow a slow road}. A minute of it is less than any test copies there. */
    static final int SLOW_BYTES_PER_SECOND = 25_000;

    private final ConnectCluster cluster;
    private TestDatabase database;
    private final String name;
    private final Map<String, String> settings;
    private final @Nullable TcpProxy road;
    private @Nullable ControlTopic control;

    private RunningConnector(
            ConnectCluster cluster,
            TestDatabase database,
            String name,
            Map<String, String> settings,
            @Nullable TcpProxy road) {
        this.cluster = cluster;
        this.database = database;
        this.name = name;
        this.settings = settings;
        this.road = road;
    }

    /** What a connector on a test database needs; its topics begin with the database's name, so that they are its own. */
    public static Map<String, String> settings(TestDatabase database) {
        return ConnectorSettings.of(database);
    }

    /** Settings for chunks so small that small tables have many, and little patience with locks; and others after them. */
    public static String[] smallChunks(String... others) {
        List<String> settings = new ArrayList<>(
                List.of("snapshot.chunk.size=64kB", "snapshot.stride.size=16kB", "snapshot.lock.timeout.ms=200"));
        settings.addAll(List.of(others));
        return settings.toArray(String[]::new);
    }

    /**
     * Creates a connector; does not wait.
     *
     * @param overrides settings over those of {@link #settings(TestDatabase)}, such as {@code "tasks.max=1"}
     */
    public static RunningConnector create(
            ConnectCluster cluster, TestDatabase database, String name, String... overrides) {
        Map<String, String> settings = settings(database, overrides);
        cluster.configure(name, settings);
        return new RunningConnector(cluster, database, name, settings, null);
    }

    /**
     * As {@link #create}, with a road to the source that is slow for copies until {@link #hurry}: a copy makes progress, but does
     * not end. A test that waits for records meanwhile sets a small {@code max.batch.size}.
     */
    public static RunningConnector createSlow(
            ConnectCluster cluster, TestDatabase database, String name, String... overrides) throws IOException {
        TcpProxy road = TcpProxy.start(database.server());
        road.limitCopies(SLOW_BYTES_PER_SECOND);
        return create(cluster, database, name, road, overrides);
    }

    /** As {@link #create}, with copy tasks that have their snapshot and get no row until {@link #hurry}. */
    public static RunningConnector createHeld(
            ConnectCluster cluster, TestDatabase database, String name, String... overrides) throws IOException {
        TcpProxy road = TcpProxy.start(database.server());
        road.holdCopies();
        return create(cluster, database, name, road, overrides);
    }

    private static RunningConnector create(
            ConnectCluster cluster, TestDatabase database, String name, TcpProxy road, String... overrides) {
        Map<String, String> settings = settings(database, overrides);
        settings.put("database.hostname", road.host());
        settings.put("database.port", String.valueOf(road.port()));
        cluster.configure(name, settings);
        return new RunningConnector(cluster, database, name, settings, road);
    }

    private static Map<String, String> settings(TestDatabase database, String... overrides) {
        Map<String, String> settings = settings(database);
        for (String override : overrides) {
            int equals = override.indexOf('=');
            settings.put(override.substring(0, equals), override.substring(equals + 1));
        }
        return settings;
    }

    /** Lets copies be fast. */
    public void hurry() {
        Objects.requireNonNull(road, "created on no slow road").unlimitCopies();
    }

    /** Holds copies from now on, until {@link #hurry}: their tasks get no further row. */
    public void hold() {
        Objects.requireNonNull(road, "created on no slow road").holdCopies();
    }

    /**
     * Holds the next sessions of a role before they are open, until {@link #releaseSessions}.
     *
     * @param role how their application name ends
     */
    public void holdSessions(String role) {
        Objects.requireNonNull(road, "created on no slow road").hold(role, 0);
    }

    /** Lets sessions be opened that were held. */
    public void releaseSessions() {
        Objects.requireNonNull(road, "created on no slow road").release();
    }

    /** Lets copies be slow from now on. */
    public void slowDown() {
        slowDown(SLOW_BYTES_PER_SECOND);
    }

    /** Lets copies be as slow as a test needs them. */
    public void slowDown(int bytesPerSecond) {
        Objects.requireNonNull(road, "created on no slow road").limitCopies(bytesPerSecond);
    }

    public String name() {
        return name;
    }

    public ConnectCluster cluster() {
        return cluster;
    }

    /** What its REST interface can do, one request a method. */
    public ConnectorClient client() {
        return cluster.connector(name);
    }

    public ConnectorStatus status() {
        return cluster.status(name);
    }

    /** @see ConnectCluster#stop */
    public void stop() {
        cluster.stop(name);
    }

    /** @see ConnectCluster#pause */
    public void pause() {
        cluster.pause(name);
    }

    /** @see ConnectCluster#resume */
    public void resume() {
        cluster.resume(name);
    }

    /** @see ConnectCluster#restart */
    public void restart() {
        cluster.restart(name);
    }

    /** Restarts the connector without its tasks, while rows are copied, and waits until the next leader holds the snapshot. */
    public void restartLeader() throws SQLException {
        List<String> before = database.sessions("snapshot holder");
        client().restart();
        awaitAnotherHolder(before);
    }

    /**
     * Waits until a session holds the snapshot that is none of these.
     *
     * @param before as {@link TestDatabase#sessions} names them
     */
    public void awaitAnotherHolder(List<String> before) {
        Eventually.holds("another leader holds the snapshot", () -> {
            List<String> now = database.sessions("snapshot holder");
            return now.size() == 1 && !before.contains(now.get(0));
        });
    }

    /** @see ConnectCluster#restartTask */
    public void restartTask(int task) {
        cluster.restartTask(name, task);
    }

    /** Gives the connector another value for a setting. */
    public void change(String setting, String value) {
        settings.put(setting, value);
        cluster.configure(name, settings);
    }

    /** Gives the connector another address of its source. */
    public void moveTo(PostgresServer server) {
        settings.put("database.hostname", server.host());
        change("database.port", String.valueOf(server.port()));
    }

    /** From now on, this is the source: a standby of the server before, which was promoted. */
    public void sourceIsNow(TestDatabase promoted) {
        database = promoted;
    }

    /** Writes its settings into a file, as {@code bin/pgseam} takes them; gives the name of the file. */
    public String configuration(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, name, ".json");
        new ObjectMapper().writeValue(file.toFile(), settings);
        return file.toString();
    }

    public TestDatabase database() {
        return database;
    }

    public String topic(String schemaAndTable) {
        return settings.get("topic.prefix") + "." + schemaAndTable;
    }

    /** The records of the control topic so far that have this type. */
    public synchronized List<JsonNode> control(String type) {
        if (control == null) {
            control = new ControlTopic(cluster.bootstrapServers(), topic("seam"));
        }
        control.follow();
        return control.ofType(type);
    }

    /** The records of the chunks of a table that are copied. */
    public List<JsonNode> chunks(String table) {
        return control("chunk").stream()
                .filter(chunk -> chunk.path("table").asText().equals(table))
                .toList();
    }

    /** At which anchors chunks of a table were copied. */
    public List<Integer> generations(String table) {
        return chunks(table).stream()
                .map(chunk -> chunk.path("generation").asInt())
                .toList();
    }

    /** Waits until a chunk of a table is copied. */
    public void awaitChunkOf(String table) {
        Eventually.holds(
                "a chunk of " + table + " is copied", () -> !chunks(table).isEmpty());
    }

    /** Waits until one chunk is left of all that are planned, which a test holds back. */
    public void awaitAllButOneChunk() {
        Eventually.holds("all chunks but one are copied", () -> {
            long planned = control("table").stream()
                    .mapToLong(table -> table.path("chunks").asLong())
                    .sum();
            return planned > 0 && control("chunk").size() == planned - 1;
        });
    }

    /** Waits until the connector itself has failed, and gives its trace. */
    public String awaitFailure() {
        cluster.awaitStatus(name, "fails", status -> status.connector().is("FAILED"));
        return status().connector().trace();
    }

    /** Waits until the connector or a task has failed with traces that have each of these texts; gives all traces. */
    public String awaitTraces(String... texts) {
        cluster.awaitStatus(
                name, "fails with " + List.of(texts), status -> Stream.of(texts).allMatch(status.traces()::contains));
        return status().traces();
    }

    /** Waits until a task has failed, and gives the traces of all tasks. */
    public String awaitTaskFailure() {
        cluster.awaitStatus(
                name, "has a task that fails", status -> status.tasks().stream().anyMatch(task -> task.is("FAILED")));
        return status().tasks().stream().map(ConnectorStatus.Part::trace).reduce("", String::concat);
    }

    /** Waits until a copy task has a session. */
    public void awaitCopySession() {
        Eventually.holds(
                "a copy task of connector " + name + " has a session",
                () -> !database.sessions("copy").isEmpty());
    }

    /** Waits for the seam of generation 1 or later, and gives the newest. */
    public JsonNode awaitSeam() {
        return awaitSeam(1);
    }

    /** Waits for the seam at an anchor of this generation or a newer one; gives the newest. */
    public JsonNode awaitSeam(int generation) {
        List<JsonNode> seams = new ArrayList<>();
        Eventually.holds(
                "connector " + name + " has reached seam " + generation,
                () -> {
                    seams.clear();
                    seams.addAll(control("seam"));
                    return seams.stream()
                            .anyMatch(seam -> seam.path("generation").asInt() >= generation);
                },
                () -> status() + "\noffsets " + cluster.offsets(name));
        return seams.get(seams.size() - 1);
    }

    /** Waits until the committed position of the stream is past everything that is committed in the source now. */
    public void awaitCaughtUp() throws SQLException {
        Lsn now = database.now();
        Eventually.holds(
                "connector " + name + " has caught up with " + now,
                () -> !position().isBefore(now),
                () -> "it is at " + position() + ", " + status());
        awaitReadable();
    }

    /**
     * Waits until what is written by now can be read. Kafka tells each partition by itself that a transaction is committed, and may tell that of
     * the offsets before those of the rows.
     */
    private void awaitReadable() {
        String[] topics = cluster.topics().stream()
                .filter(topic -> topic.startsWith(settings.get("topic.prefix") + "."))
                .toArray(String[]::new);
        try (TopicReader all = TopicReader.of(cluster.bootstrapServers(), Isolation.READ_UNCOMMITTED, topics);
                TopicReader committed = TopicReader.of(cluster.bootstrapServers(), topics)) {
            Map<TopicPartition, Long> written = all.endOffsets();
            Eventually.holds("what is written is committed", () -> {
                Map<TopicPartition, Long> readable = committed.endOffsets();
                return written.entrySet().stream()
                        .allMatch(end -> readable.getOrDefault(end.getKey(), 0L) >= end.getValue());
            });
        }
    }

    /** Waits until everything that is written by now, and more after it, has arrived in the topics that go on. */
    public void awaitStreamed(RandomWriter writer) throws SQLException {
        writer.awaitMore(20);
        Lsn now = database.now();
        Eventually.holds(
                "the stream goes on past " + now,
                () -> positionGoingOn().isAfter(now),
                () -> "it is at " + positionGoingOn());
    }

    /** The LSN of the committed position of the stream, in every topic. */
    public Lsn position() {
        StreamPosition committed = cluster.streamPosition(name);
        return committed == null ? Lsn.NONE : committed.readFrom();
    }

    /** The same in the topics that go on while rows are copied to others. */
    public Lsn positionGoingOn() {
        StreamPosition committed = cluster.streamPosition(name);
        return committed == null ? Lsn.NONE : committed.lsn();
    }

    /** {@code __seq} up to which the transaction at {@link #position()} is committed; 0 if nothing of it is. */
    public long sequence() {
        StreamPosition committed = cluster.streamPosition(name);
        return committed == null ? 0 : committed.live().sequence();
    }

    /** The committed records of a table's topic, of packed messages their rows; in order within a partition. */
    public List<ConsumerRecord<byte[], byte[]>> records(String table) {
        List<ConsumerRecord<byte[], byte[]>> messages = messages(table);
        return isPacked() ? new PackedRows(buckets()).of(messages, keyOf(table)) : messages;
    }

    /** The committed messages of a table's topic; in order within a partition. */
    public List<ConsumerRecord<byte[], byte[]>> messages(String table) {
        return TopicReader.readAll(cluster.bootstrapServers(), topic(table));
    }

    private boolean isPacked() {
        return !settings.getOrDefault("flat.pack.bytes", "0").equals("0");
    }

    private int buckets() {
        return Integer.parseInt(settings.getOrDefault("flat.pack.buckets", "64"));
    }

    private List<String> keyOf(String table) {
        try (Connection connection = database.connect()) {
            return new SourceTruth(connection).primaryKey(table);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot ask for the key of " + table, e);
        }
    }

    /** The values of {@link #records} as text; without tombstones. */
    public List<String> values(String table) {
        return records(table).stream()
                .filter(record -> record.value() != null)
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }

    /** Everything in the topics of these tables, applied by key; consistent, and exactly once without duplicates, or it fails. */
    public Replay replay(String... tables) {
        Replay replay = new Replay();
        for (String table : tables) {
            replay.apply(records(table));
        }
        replay.assertConsistent();
        if (cluster.delivery() == Delivery.EXACTLY_ONCE) {
            replay.assertNoDuplicates();
        }
        return replay;
    }

    /** The rows of a table's topic by key, as {@link #replay} has them. */
    public Map<JsonNode, JsonNode> rows(String table) {
        return replay(table).rows(topic(table));
    }

    /** What a consumer has that stops where a seam says that the copied rows end. */
    public Replay replayToSeam(JsonNode seam, String... tables) {
        Replay replay = new Replay();
        for (String table : tables) {
            String topic = topic(table);
            Map<TopicPartition, Long> limits = ControlTopic.changesFrom(seam, topic);
            if (!limits.isEmpty()) {
                replay.applyBefore(limits, records(table));
            }
        }
        replay.assertConsistent();
        return replay;
    }

    /** Waits for the stream, and compares the topics with the tables, as {@link #replay} has them. The source must be quiet. */
    public Replay awaitReplayed(String... tables) throws SQLException {
        awaitCaughtUp();
        List<String> present = new ArrayList<>();
        for (String table : tables) {
            if (cluster.topics().contains(topic(table))) {
                present.add(table);
            }
        }
        Replay replay = replay(present.toArray(String[]::new));
        try (Connection connection = database.connect()) {
            SourceTruth truth = new SourceTruth(connection);
            for (String table : tables) {
                truth.assertReplayed(table, replay, topic(table));
            }
        }
        return replay;
    }

    @Override
    public synchronized void close() {
        if (control != null) {
            control.close();
        }
        if (road != null) {
            road.unlimitCopies();
        }
        cluster.delete(name);
        if (road != null) {
            road.close();
        }
    }
}
