package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Extent;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * So many tables, with names that do not compress, that their plan has no room in a task's configuration. Every second one is empty. Prints how long it
 * takes, for the notes of a release.
 */
class ManyTablesIT {

    private static final int TABLES = Integer.getInteger("pgseam.many.tables", Extent.ofThisRun(120, 2_000));
    private static final int COLUMNS = 20;
    private static final Pattern NAME = Pattern.compile("t[0-9a-z]{20,}");

    private final Random random = new Random(1);
    private final List<String> tables =
            IntStream.range(0, TABLES).mapToObj(n -> name()).toList();

    private String name() {
        return "t" + Long.toUnsignedString(random.nextLong(), 36) + Long.toUnsignedString(random.nextLong(), 36);
    }

    @Matrix(
            build = "EXACTLY_ONCE, all_tables",
            nightly = {"EXACTLY_ONCE, filtered", "AT_LEAST_ONCE, filtered"})
    void theirPlanStandsInTheLedgerAndInNoConfiguration(Delivery delivery, String publication) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, delivery);
        try (TestDatabase database = PostgresServer.shared(18).createDatabase()) {
            createTables(database);
            int logBefore = database.server().log().length();
            long begun = System.nanoTime();
            try (RunningConnector connector = RunningConnector.create(
                    cluster,
                    database,
                    database.name(),
                    "tasks.max=2",
                    "publication.autocreate.mode=" + publication,
                    "table.check.interval.ms=2000",
                    "topic.creation.default.partitions=1")) {
                awaitSeam(connector, 1);
                long seamMs = msSince(begun);
                assertThat(connector.control("plan_part")).hasSizeGreaterThan(2);
                assertConfigurationsAreShort(connector);
                double statements = statementsOfTables(database, logBefore) / (double) TABLES;
                assertThat(statements)
                        .as("statements a table, from creation to the stream")
                        .isLessThanOrEqualTo(3);

                changeEach(database, 0);
                awaitRecords(connector, 1);
                connector.restart();
                int logAfterRestart = database.server().log().length();
                long restarted = System.nanoTime();
                changeEach(database, 1);
                awaitRecords(connector, 2);
                long changedMs = msSince(restarted);
                long looks = looks(database, logAfterRestart);
                assertThat(looks).as("looks at the catalogue after a restart").isLessThanOrEqualTo(10 + TABLES / 20);

                long adding = System.nanoTime();
                database.execute(
                        "CREATE TABLE added (id int PRIMARY KEY, v text)", "INSERT INTO added VALUES (1, 'copied')");
                awaitSeam(connector, 2);
                assertThat(connector.records("public.added")).hasSize(1);
                changeEach(database, 2);
                awaitRecords(connector, 3);
                assertConfigurationsAreShort(connector);
                assertThat(cluster.status(connector.name()).anyFailed()).isFalse();
                System.out.printf(
                        "%d tables of %d columns, %s, %s: seam after %d ms, %.2f statements a table; each changed after a restart:"
                                + " %d ms, %d looks; a table added: %d ms%n",
                        TABLES, COLUMNS, delivery, publication, seamMs, statements, changedMs, looks, msSince(adding));
            }
        }
    }

    private static long msSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    /** As many in a transaction as there is room for their locks. */
    private void createTables(TestDatabase database) throws Exception {
        String columns = IntStream.range(0, COLUMNS - 1)
                .mapToObj(n -> ", c" + name() + " text")
                .collect(Collectors.joining());
        for (int from = 0; from < TABLES; from += 200) {
            List<String> statements = new ArrayList<>();
            for (String table : tables.subList(from, Math.min(TABLES, from + 200))) {
                String own = columns.replace(", c", ", " + table.substring(0, 12));
                statements.add("CREATE TABLE " + table + " (id int PRIMARY KEY" + own + ")");
                if (tables.indexOf(table) % 2 == 0) {
                    statements.add("INSERT INTO " + table + " VALUES (1)");
                }
            }
            database.execute("BEGIN; " + String.join("; ", statements) + "; COMMIT");
        }
        database.execute("ALTER DATABASE " + database.name() + " SET log_statement = 'all'");
    }

    /** One new row in each, in random order: as an application does, and not in one transaction. */
    private void changeEach(TestDatabase database, int round) throws Exception {
        List<String> shuffled = new ArrayList<>(tables);
        Collections.shuffle(shuffled, random);
        database.execute("SET log_statement = 'none'; "
                + shuffled.stream()
                        .map(table -> "BEGIN; INSERT INTO " + table + " VALUES (" + (100 + round) + "); COMMIT")
                        .collect(Collectors.joining("; ")));
    }

    /** How many statements of the connector name a table, or several: those of this test are not logged. */
    private long statementsOfTables(TestDatabase database, int logBefore) throws Exception {
        Set<String> names = Set.copyOf(tables);
        return database.server()
                .log()
                .substring(logBefore)
                .lines()
                .filter(line ->
                        NAME.matcher(line).results().map(MatchResult::group).anyMatch(names::contains))
                .count();
    }

    private static long looks(TestDatabase database, int logBefore) throws Exception {
        return database.server()
                .log()
                .substring(logBefore)
                .lines()
                .filter(line -> line.contains("c.oid, pg_current_snapshot()::text"))
                .count();
    }

    private static void awaitSeam(RunningConnector connector, int generation) {
        Eventually.holds(
                "seam " + generation,
                Duration.ofMinutes(10),
                () -> connector.control("seam").stream()
                        .anyMatch(seam -> seam.path("generation").asInt() >= generation));
    }

    /** Each row exactly once: the copied one of every second table, and those of the rounds so far. */
    private void awaitRecords(RunningConnector connector, int rounds) {
        String[] topics =
                tables.stream().map(table -> connector.topic("public." + table)).toArray(String[]::new);
        Map<String, Integer> counts = new HashMap<>();
        try (TopicReader reader = TopicReader.of(connector.cluster().bootstrapServers(), topics)) {
            long expected = TABLES / 2 + TABLES % 2 + (long) rounds * TABLES;
            Eventually.holds("every row of round " + rounds, Duration.ofMinutes(5), () -> {
                reader.readToEnd(record -> counts.merge(record.topic(), 1, Integer::sum));
                return counts.values().stream().mapToLong(count -> count).sum() >= expected;
            });
        }
        for (int table = 0; table < TABLES; table++) {
            assertThat(counts.get(topics[table])).as(topics[table]).isEqualTo((table % 2 == 0 ? 1 : 0) + rounds);
        }
    }

    private static void assertConfigurationsAreShort(RunningConnector connector) {
        for (JsonNode configuration : connector.client().taskConfigurations()) {
            assertThat(configuration.toString()).hasSizeLessThan(10_000).contains("ledger:");
        }
        assertThat(Stream.of(connector.client().taskConfigurations())).isNotEmpty();
    }
}
