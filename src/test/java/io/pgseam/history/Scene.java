package io.pgseam.history;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.ConnectorStatus;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TcpProxy;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a history takes place in and faults happen to: an environment, and in it a database, a connector and its writers. */
final class Scene implements AutoCloseable {

    /** A captured table that nobody judges: settings may be changed for it. */
    static final String SIDE_TABLE = "side";

    private final History history;
    private final Environment environment;
    private final TestDatabase database;
    private final @Nullable Pair pair;
    private final TcpProxy proxy;
    private final Connector connector;
    private final ControlTopic control;
    private final AnchorTruths truths;
    private final Timeline timeline;
    private final ScheduledExecutorService deeds = Executors.newSingleThreadScheduledExecutor();
    private final List<Writer> writers = new CopyOnWriteArrayList<>();
    private final List<SampleTable> tables;
    private final Map<String, Lsn> replaced = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Lsn> publicationChanged = new AtomicReference<>();
    private final Map<String, Lsn> republished = new ConcurrentHashMap<>();
    private final Map<String, Deed> duties = new ConcurrentHashMap<>();

    private Scene(
            History history,
            Environment environment,
            TestDatabase database,
            @Nullable Pair pair,
            TcpProxy proxy,
            Connector connector,
            Timeline timeline) {
        this.history = history;
        this.environment = environment;
        this.database = database;
        this.pair = pair;
        this.proxy = proxy;
        this.connector = connector;
        this.timeline = timeline;
        this.tables = new CopyOnWriteArrayList<>(history.tables());
        this.control = new ControlTopic(environment.bootstrapServers(), topic("seam"));
        this.truths = new AnchorTruths(source(), history.publishedTables(), timeline);
    }

    /** Makes database and tables, and has the applications begin; the connector is not created yet. */
    static Scene set(History history, Environment environment, String name, Timeline timeline)
            throws SQLException, IOException {
        PostgresServer server =
                history.pair() ? PostgresServer.start(history.postgres()) : environment.postgres(history.postgres());
        AtomicReference<TestDatabase> made = new AtomicReference<>();
        environment.undisturbed(server, () -> {
            made.set(server.createDatabase(name));
            for (SampleTable table : history.tables()) {
                made.get().execute(table.creation().toArray(String[]::new));
            }
            made.get()
                    .execute(
                            "CREATE TABLE " + SIDE_TABLE + " (id int PRIMARY KEY, v text)",
                            "ALTER TABLE " + SIDE_TABLE + " REPLICA IDENTITY FULL",
                            "CREATE ROLE " + name + " LOGIN SUPERUSER PASSWORD '" + name + "'");
        });
        TestDatabase database = made.get();
        Pair pair = history.pair() ? Pair.start(database) : null;
        TcpProxy proxy = TcpProxy.start((pair == null ? database : pair.source()).server());
        Map<String, String> settings = ConnectorSettings.of(database);
        settings.putAll(history.settings());
        settings.put("database.hostname", proxy.host());
        settings.put("database.port", String.valueOf(proxy.port()));
        settings.put("database.user", name);
        settings.put("database.password", name);
        if (pair != null) {
            settings.put("primary.hostname", server.host());
            settings.put("primary.port", String.valueOf(server.port()));
        }
        Connector connector = new Connector(environment.workers(), name, settings);
        Scene scene = new Scene(history, environment, database, pair, proxy, connector, timeline);
        scene.startWriters(0);
        return scene;
    }

    /** @param before how many writers there were before these */
    private void startWriters(int before) {
        for (int number = before + 1; number <= before + history.writers(); number++) {
            writers.add(Writer.start(database(), tables, history.seed() * 31 + 10 + number, number));
        }
    }

    /** Has the standby of the pair promoted; the applications continue there. */
    void promote() throws SQLException, InterruptedException {
        for (Writer writer : writers) {
            writer.stop();
        }
        pair().promote();
        startWriters(writers.size());
    }

    /** @throws IllegalStateException if the history has none */
    Pair pair() {
        if (pair == null) {
            throw new IllegalStateException("the history has no pair");
        }
        return pair;
    }

    /** What the connector reads. */
    TestDatabase source() {
        return pair == null ? database : pair.source();
    }

    History history() {
        return history;
    }

    Environment environment() {
        return environment;
    }

    /** What applications write, and people change. */
    TestDatabase database() {
        return pair == null ? database : pair.writable();
    }

    TcpProxy proxy() {
        return proxy;
    }

    Connector connector() {
        return connector;
    }

    ControlTopic control() {
        return control;
    }

    AnchorTruths truths() {
        return truths;
    }

    Timeline timeline() {
        return timeline;
    }

    /** A table that came in the course of the history: it is written into from now on. */
    void added(SampleTable table) {
        tables.add(table);
    }

    /** The tables that came in the course of the history. */
    List<SampleTable> added() {
        return tables.subList(history.tables().size(), tables.size());
    }

    /** The table that every history has, and that has an ordinary key. */
    SampleTable plainTable() {
        return history.tables().get(history.tables().size() - 1);
    }

    /** The role that the connector logs in as; no other session does. */
    String role() {
        return connector.name();
    }

    /** A table was replaced by another one of its name: records before this LSN are of the one before. */
    void replaced(String table, Lsn lsn) {
        replaced.put("public." + table, lsn);
    }

    /** The tables that were replaced by others of their name, as {@code schema.table}, and where. */
    Map<String, Lsn> replaced() {
        return replaced;
    }

    /** The connector's publication. */
    String publication() {
        return "pgseam_" + database.name();
    }

    /** The relations with rows that are captured from the beginning. */
    List<String> relations() {
        return history.tables().stream()
                .flatMap(table -> table.relations().stream())
                .toList();
    }

    /**
     * Changes the connector's publication for a while. Changes may be missing that were committed meanwhile, until the tables are copied at
     * an anchor after that. If the first statement fails, as when the publication does not exist yet, nothing happens.
     *
     * @param affected relations whose changes may be missing
     * @param begin what is done first
     * @param ms how much later the second statement follows
     * @param end what puts it right again; the connector may have done so
     */
    void changePublication(List<String> affected, String begin, int ms, String end)
            throws SQLException, InterruptedException {
        Lsn before = database.now();
        try {
            database.execute("SET lock_timeout = 8000", begin);
        } catch (SQLException e) {
            timeline.note("fault", "publication not changed: %s", e.getMessage());
            return;
        }
        publicationChanged.compareAndSet(null, before);
        Lsn begun = database.now();
        TimeUnit.MILLISECONDS.sleep(ms);
        Lsn settled;
        try {
            database.execute(end);
            settled = database.now();
        } catch (SQLException e) {
            timeline.note("fault", "somebody else has put the publication right: %s", e.getMessage());
            // The connector did, and may have copied the tables already: some time after the first statement.
            settled = begun;
        }
        Lsn since = settled;
        affected.forEach(relation -> republished.put(relation, since));
    }

    /** Since when changes may be missing because a person changed the publication; null if nobody has. */
    @Nullable
    Lsn publicationChanged() {
        return publicationChanged.get();
    }

    /** The relations that have to be copied at an anchor after an LSN, because their changes may be missing before it. */
    Map<String, Lsn> republished() {
        return republished;
    }

    /** Something that has to succeed once the writers have ended. */
    void holdsAtTheEnd(String what, Deed duty) {
        duties.put(what, duty);
    }

    /** @throws AssertionError if something fails that has to succeed */
    void checkDuties() {
        duties.forEach((what, duty) -> {
            try {
                duty.act();
            } catch (Exception e) {
                throw new AssertionError("does not hold: " + what, e);
            }
        });
    }

    List<Writer> writers() {
        return writers;
    }

    /** The topic of a published table, or the control topic. */
    String topic(String schemaAndTable) {
        return connector.name() + "." + schemaAndTable;
    }

    /** The number of the worker that runs the connector itself; -1 where none does. */
    int leadingWorker() throws InterruptedException {
        ConnectorStatus status = connector.status();
        return environment.workers().at(status.connector().worker());
    }

    /** Something to be done later. */
    interface Deed {
        void act() throws Exception;
    }

    /** Has something done after a while, and goes on. */
    void later(int ms, Deed deed) {
        deeds.schedule(
                () -> {
                    deed.act();
                    return true;
                },
                ms,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws Exception {
        writers.forEach(Writer::close);
        deeds.shutdown();
        proxy.delay(0);
        // Also after a failure: the next history is not to be disturbed.
        connector.delete();
        environment.disarm();
        truths.close();
        control.close();
        proxy.close();
        if (pair == null) {
            database.close();
            database.server().execute("DROP ROLE IF EXISTS " + role());
        } else {
            pair.close();
        }
    }
}
