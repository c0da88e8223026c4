package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.config.TopicNaming;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.testing.PluginArchive;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Runs the plugin archive on real servers while an application writes, and proves that the topics are the source.
 *
 * <p>{@code mvn -B -q -Pquickstart}. Ends with one line, {@code quickstart: OK …} and status 0, or
 * {@code quickstart: MISMATCH …} or {@code quickstart: FAILED …} and status 1.
 */
public final class Quickstart {

    private static final int POSTGRES_VERSION = 17;
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final Duration COPY_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration CATCH_UP_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration LIVE = Duration.ofMillis(3_300);
    private static final int LIVE_LINES = 3;
    private static final int ENDED_BY_SIGNAL = 143;

    private final Options options;
    private final Console console;
    private final Cleanup cleanup;
    private final TopicNaming naming;

    /** Commands to try against what is left running. */
    private final List<String> kept = new ArrayList<>();

    private @Nullable ShopApplication application;

    private Quickstart(Options options, Console console, Cleanup cleanup) {
        this.options = options;
        this.console = console;
        this.cleanup = cleanup;
        this.naming = new TopicNaming(options.source() == null ? "shop" : "quickstart");
    }

    /** Takes its options from system properties, see {@link Options}. */
    public static void main(String[] arguments) throws IOException {
        Console console = new Console(System.out);
        Options options;
        try {
            options = Options.fromSystemProperties();
        } catch (IllegalArgumentException e) {
            console.line("quickstart: FAILED " + e.getMessage());
            System.exit(1);
            return;
        }
        // Before anything logs: the log is opened once.
        Files.deleteIfExists(options.log());
        Cleanup cleanup = new Cleanup();
        // Kafka's test kit prints; the console is for our own lines.
        System.setOut(new PrintStream(
                Files.newOutputStream(options.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true,
                StandardCharsets.UTF_8));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            console.silence();
                            cleanup.close();
                        },
                        "quickstart-cleanup"));
        // Maven does not pass on the signal that ends it.
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(ENDED_BY_SIGNAL)));
        System.exit(run(options, console, cleanup));
    }

    private static int run(Options options, Console console, Cleanup cleanup) {
        String verdict;
        try {
            Quickstart quickstart = new Quickstart(options, console, cleanup);
            verdict = quickstart.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            verdict = "quickstart: FAILED interrupted";
        } catch (Exception | AssertionError e) {
            LoggerFactory.getLogger(Quickstart.class).error("The quickstart failed", e);
            verdict = "quickstart: FAILED " + e.getMessage() + " (see " + options.log() + ")";
        }
        if (!console.isSilent()) {
            cleanup.close();
        }
        console.line(verdict);
        return verdict.startsWith("quickstart: OK") ? 0 : 1;
    }

    private String run() throws Exception {
        CompletableFuture<QuickstartCluster> starting = CompletableFuture.supplyAsync(this::startCluster);
        Source source;
        try {
            source = openSource();
        } finally {
            // Also where the source has failed: only what has started can be stopped.
            starting.handle((cluster, failure) -> null).join();
        }
        QuickstartCluster cluster = starting.join();
        console.say(
                "Kafka at %s, Connect at %s with pgseam %s from %s",
                cluster.bootstrapServers(),
                cluster.worker().url(),
                cluster.version(),
                options.archive().getFileName());
        cleanup.add("drop slot and publication " + source.slot(), () -> {
            cluster.worker().stop();
            source.removeTraces();
        });
        List<SourceTable> tables = source.tables(options.tables());
        try (Connector connector =
                new Connector(cluster.worker().rest(), naming.prefix(), cluster.bootstrapServers(), naming)) {
            Map<String, String> settings = Connector.settings(source, naming, tables);
            createConnector(connector, settings);
            JsonNode seam = awaitSeam(connector, tables);
            console.say(
                    "the seam: %,d rows are copied as of LSN %s, and their topics go on with changes",
                    seam.path("rows").asLong(), seam.path("lsn").asText());
            SeamReport.print(console, seam);
            watch(cluster.bootstrapServers(), tables);
            stopApplication();
            Comparison comparison = compare(source, connector, cluster.bootstrapServers(), tables, seam);
            String verdict = comparison.agrees()
                    ? useTheArchive(cluster, settings, source, tables).orElse(comparison.verdict())
                    : comparison.verdict();
            if (options.keep()) {
                keep(source, cluster, verdict);
            }
            return verdict;
        }
    }

    private QuickstartCluster startCluster() {
        try {
            return QuickstartCluster.start(options, cleanup);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot start Kafka Connect", e);
        }
    }

    /** The user's database, or the shop on a server of our own, with its application at work. */
    private Source openSource() throws SQLException {
        if (options.source() != null) {
            Source source = new Source(options.source(), naming);
            console.say("source: %s", source.settings());
            for (String slot : source.leftBehind()) {
                console.say(
                        "an earlier run left slot %s; if none runs now: SELECT pg_drop_replication_slot('%s')",
                        slot, slot);
            }
            return source;
        }
        PostgresServer server = PostgresServer.start(POSTGRES_VERSION);
        cleanup.add("stop PostgreSQL", server::close);
        TestDatabase database = server.createDatabase("shop");
        console.say("%s, loading %,d rows", server, ShopSchema.rows());
        Source source = new Source(database.connectionSettings(), naming);
        try (Connection connection = source.open()) {
            ShopSchema.create(connection);
        }
        ShopApplication started = ShopApplication.start(source::open);
        application = started;
        cleanup.add("stop the application", started::close);
        console.say("the shop is open: 2 writers insert, update, delete and move rows from now on");
        return source;
    }

    private void createConnector(Connector connector, Map<String, String> settings) {
        List<String> faults = connector.faults(settings);
        if (!faults.isEmpty()) {
            faults.forEach(fault -> console.detail("%s", fault));
            throw new IllegalArgumentException("the connector's validation found " + faults.size() + " faults");
        }
        connector.create(settings);
        console.say("created the connector: exactly once, %s tasks", settings.get("tasks.max"));
    }

    private JsonNode awaitSeam(Connector connector, List<SourceTable> tables) throws Exception {
        long estimate = Math.max(
                1, tables.stream().mapToLong(SourceTable::estimatedRows).sum());
        long start = System.nanoTime();
        long reported = start;
        while (System.nanoTime() - start < COPY_TIMEOUT.toNanos()) {
            JsonNode seam = connector.seam();
            if (seam != null) {
                return seam;
            }
            check(connector);
            if (System.nanoTime() - reported > REPORT_NANOS) {
                reported = System.nanoTime();
                long rows = connector.copiedRows();
                console.say("copying: %,d of about %,d rows committed%s", rows, estimate, writtenMeanwhile());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
        throw new IllegalStateException("no seam within " + COPY_TIMEOUT.toMinutes() + " minutes");
    }

    private String writtenMeanwhile() {
        ShopApplication writing = application;
        return writing == null ? "" : String.format("; the application: %,d transactions", writing.transactions());
    }

    private void check(Connector connector) throws SQLException {
        connector.check();
        if (application != null) {
            application.check();
        }
    }

    private void watch(String bootstrapServers, List<SourceTable> tables) {
        try (LiveView view = new LiveView(bootstrapServers, tables)) {
            for (int line = 0; line < LIVE_LINES; line++) {
                view.watch(console, LIVE);
            }
        }
    }

    private void stopApplication() throws SQLException {
        ShopApplication writing = application;
        if (writing != null) {
            writing.close();
            writing.check();
            console.say("the shop is closed after %,d transactions", writing.transactions());
        }
    }

    private Comparison compare(
            Source source, Connector connector, String bootstrapServers, List<SourceTable> tables, JsonNode seam)
            throws Exception {
        try (SnapshotHolder point = SnapshotHolder.open(source.sessions(), source.slot(), SlotLifetime.TEMPORARY)) {
            awaitPosition(connector, Lsn.max(point.lsn(), application == null ? point.lsn() : source.now()));
            console.say("the stream has reached LSN %s; comparing with the source as of then", point.lsn());
            Comparison comparison = new Comparison(bootstrapServers, seam);
            for (SourceTable table : tables) {
                ReplayedTable replayed = comparison.compare(table, source, point);
                console.say(
                        "%s: %,d snapshot rows and %,d changes give %s",
                        table.id(),
                        replayed.snapshotRows(),
                        replayed.changes(),
                        replayed.faults().isEmpty()
                                ? String.format("the source's %,d rows", replayed.sourceRows())
                                : "not the source's rows: " + replayed.faults());
                replayed.places().forEach(place -> console.detail("%s", place));
            }
            return comparison;
        }
    }

    /** As a user would; gives what is wrong. A database of the user's own is not loaded anywhere. */
    private Optional<String> useTheArchive(
            QuickstartCluster cluster, Map<String, String> settings, Source source, List<SourceTable> tables)
            throws Exception {
        Path directory = Files.createTempDirectory("pgseam-quickstart-");
        cleanup.add("delete " + directory, () -> PluginArchive.delete(directory));
        ArchiveCommands commands = ArchiveCommands.unzip(
                options.archive(),
                Files.createDirectory(directory.resolve("archive")),
                settings,
                cluster.bootstrapServers());
        for (String command : List.of("status", "verify")) {
            console.say("bin/pgseam %s, from the unzipped archive:", command);
            commands.run(List.of(command))
                    .lines()
                    .filter(line -> !line.isBlank())
                    .forEach(line -> console.detail("%s", line));
        }
        kept.add("export PGSEAM_BOOTSTRAP_SERVER=" + cluster.bootstrapServers() + " PGSEAM_CONNECT="
                + cluster.worker().url());
        report(commands, directory);
        if (options.source() != null) {
            return Optional.empty();
        }
        DatabaseLoad load = new DatabaseLoad(console, commands, directory.resolve("clickhouse"), cleanup);
        Optional<String> fault = load.run(source, tables);
        load.address().ifPresent(address -> kept.add("export PGSEAM_TARGET=" + address));
        List.of("status", "verify --source", "wait --lsn now").forEach(command -> kept.add(commands.typed(command)));
        return fault.map(found -> "quickstart: MISMATCH " + found);
    }

    private void report(ArchiveCommands commands, Path directory) throws Exception {
        Path proof = directory.resolve("verify.json");
        Files.writeString(proof, commands.run(List.of("verify"), "--json"));
        Path page = Path.of(System.getProperty("pgseam.log.file", "target/quickstart.log"))
                .toAbsolutePath()
                .resolveSibling("quickstart-report.html");
        String told = commands.ask(List.of("report"), "--proof", proof.toString(), "--output", page.toString());
        console.say("bin/pgseam report, for the person who signs a migration off:");
        told.lines().forEach(line -> console.detail("%s", line));
    }

    private static void awaitPosition(Connector connector, Lsn goal) throws InterruptedException {
        long deadline = System.nanoTime() + CATCH_UP_TIMEOUT.toNanos();
        while (connector.position().isBefore(goal)) {
            connector.check();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the stream is at " + connector.position() + " and has not reached " + goal);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
    }

    private void keep(Source source, QuickstartCluster cluster, String verdict) throws Exception {
        if (application != null) {
            ShopApplication again = ShopApplication.start(source::open);
            cleanup.add("stop the application", again::close);
        }
        console.line(verdict);
        console.line("Everything is left running until Ctrl-C:");
        console.detail("PostgreSQL  %s", source.settings());
        console.detail("Kafka       %s", cluster.bootstrapServers());
        console.detail("Connect     %s", cluster.worker().url());
        String connector = cluster.worker().url() + "/connectors/" + naming.prefix();
        console.detail("curl -s %s/status", connector);
        console.detail("curl -s %s/offsets", connector);
        console.detail("curl -s -X PUT %s/pause", connector);
        console.detail("curl -s -X PUT %s/resume", connector);
        kept.forEach(line -> console.detail("%s", line));
        new CountDownLatch(1).await();
    }
}
