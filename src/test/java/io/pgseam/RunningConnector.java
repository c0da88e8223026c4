package io.pgseam;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.StreamOffset;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A connector under test, with what a test asks of it. Closing deletes it. */
public final class RunningConnector implements AutoCloseable {

    public static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** Of a connection on {@linkplain #createSlow a slow road}. A second of it is much less than any test has to copy. */
    static final int SLOW_BYTES_PER_SECOND = 100_000;

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
        Map<String, String> settings = new HashMap<>();
        settings.put("connector.class", "io.pgseam.PgSeamSourceConnector");
        settings.put("tasks.max", "2");
        settings.put("database.hostname", database.server().host());
        settings.put("database.port", String.valueOf(database.server().port()));
        settings.put("database.user", database.server().user());
        settings.put("database.password", database.server().password());
        settings.put("database.dbname", database.name());
        settings.put("topic.prefix", database.name());
        settings.put("heartbeat.interval.ms", "300");
        settings.put("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        settings.put("transaction.boundary", "connector");
        settings.put("topic.creation.default.partitions", "3");
        settings.put("topic.creation.default.replication.factor", "1");
        return settings;
    }

    public static RunningConnector create(
            ConnectCluster cluster, TestDatabase database, String name, String... overrides) {
        Map<String, String> settings = settings(database, overrides);
        cluster.configure(name, settings);
        return new RunningConnector(cluster, database, name, settings, null);
    }

    /**
     * As {@link #create}, with a road to the source that is slow for copies: they are far from their end whenever a test gets to look at
     * them, however fast the one and however busy the other; until {@link #hurry}.
     */
    public static RunningConnector createSlow(
            ConnectCluster cluster, TestDatabase database, String name, String... overrides) throws IOException {
        Map<String, String> settings = settings(database, overrides);
        TcpProxy road = TcpProxy.start(database.server());
        road.limitCopies(SLOW_BYTES_PER_SECOND);
        settings.put("database.hostname", road.host());
        settings.put("database.port", String.valueOf(road.port()));
        cluster.configure(name, settings);
        return new RunningConnector(cluster, database, name, settings, road);
    }

    private static Map<String, String> settings(TestDatabase database, String... overrides) {
        Map<String, String> settings = settings(database);
        for (int i = 0; i < overrides.length; i += 2) {
            settings.put(overrides[i], overrides[i + 1]);
        }
        return settings;
    }

    /** Lets copies be fast. */
    public void hurry() {
        Objects.requireNonNull(road, "created on no slow road").unlimitCopies();
    }

    /** Has copies be slow again. */
    public void slowDown() {
        Objects.requireNonNull(road, "created on no slow road").limitCopies(SLOW_BYTES_PER_SECOND);
    }

    public String name() {
        return name;
    }

    /** Gives the connector another value for a setting. */
    public void change(String setting, String value) {
        settings.put(setting, value);
        cluster.configure(name, settings);
    }

    /** From now on, this is the source: a standby of the server before, which was promoted. */
    public void sourceIsNow(TestDatabase promoted) {
        database = promoted;
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

    /** Waits until a copy task has a session, in which it reads. */
    public void awaitCopySession() {
        Eventually.holds(
                "a copy task of connector " + name + " has a session",
                TIMEOUT,
                () -> !database.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND application_name ~ ' copy [0-9]+$'")
                        .isEmpty());
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
                TIMEOUT,
                () -> {
                    seams.clear();
                    seams.addAll(control("seam"));
                    return seams.stream()
                            .anyMatch(seam -> seam.path("generation").asInt() >= generation);
                },
                () -> cluster.status(name) + "\noffsets " + cluster.offsets(name));
        return seams.get(seams.size() - 1);
    }

    /** Waits until the committed position of the stream is past everything that is committed in the source now. */
    public void awaitCaughtUp() throws SQLException {
        Lsn now = Lsn.parse(
                database.query("SELECT pg_current_wal_insert_lsn()::text").get(0));
        Eventually.holds(
                "connector " + name + " has caught up with " + now,
                TIMEOUT,
                () -> !position().isBefore(now),
                () -> "it is at " + position() + ", " + cluster.status(name));
    }

    /** The LSN of the committed position of the stream, in every topic. */
    public Lsn position() {
        JsonNode committed = streamOffset();
        return committed.isMissingNode() ? Lsn.NONE : StreamOffset.of(committed).readFrom();
    }

    /** The same in the topics that go on while rows are copied to others. */
    public Lsn positionGoingOn() {
        JsonNode committed = streamOffset();
        return committed.isMissingNode() ? Lsn.NONE : StreamOffset.of(committed).lsn();
    }

    /** How far into the transaction at {@link #position()} the stream is committed. */
    public long sequence() {
        return streamOffset().path("seq").asLong();
    }

    private JsonNode streamOffset() {
        for (Map.Entry<JsonNode, JsonNode> offset : cluster.offsets(name).entrySet()) {
            if (offset.getKey().size() == 1 && offset.getKey().has("server")) {
                return offset.getValue();
            }
        }
        return MissingNode.getInstance();
    }

    /** Everything in the topics of these tables, applied by key; consistent, or it fails. */
    public Replay replay(String... tables) {
        Replay replay = new Replay();
        for (String table : tables) {
            replay.apply(TopicReader.readAll(cluster.bootstrapServers(), topic(table)));
        }
        replay.assertConsistent();
        return replay;
    }

    /** What a consumer has that stops where a seam says that the copied rows end. */
    public Replay replayToSeam(JsonNode seam, String... tables) {
        Replay replay = new Replay();
        for (String table : tables) {
            String topic = topic(table);
            Map<TopicPartition, Long> limits = new HashMap<>();
            seam.path("topics")
                    .path(topic)
                    .properties()
                    .forEach(partition -> limits.put(
                            new TopicPartition(topic, Integer.parseInt(partition.getKey())),
                            partition.getValue().path("changes_from").asLong()));
            if (!limits.isEmpty()) {
                replay.applyBefore(limits, TopicReader.readAll(cluster.bootstrapServers(), topic));
            }
        }
        replay.assertConsistent();
        return replay;
    }

    /** Waits for the stream, and compares the topics with the tables. The source must be quiet. */
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
