package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Tables come and go while the connector streams: only what is new is copied, and everything stays exact. */
class TablesAddedIT extends ConnectorScenario {

    private static final String LIST = "table.include.list";

    private final Random random = Seed.random(TablesAddedIT.class);
    private final List<String> written = new ArrayList<>(List.of(RandomWriter.TABLES));

    @Matrix(build = "EXACTLY_ONCE", nightly = "AT_LEAST_ONCE")
    void onlyWhatIsNewIsCopiedWhileOthersWrite(Delivery delivery) throws Exception {
        TestDatabase database = database(18);
        RandomWriter.createTables(database);
        createTables(database);
        String first = String.join(",", written) + ",public.measure.*";
        RunningConnector connector =
                connector(cluster(delivery), database, LIST + "=" + first, "table.check.interval.ms=500");
        RandomWriter writer = closing(RandomWriter.start(database, random.nextLong(), 1));
        awaitSeam(connector, 1);

        database.execute("UPDATE extra SET note = 'before it is captured' WHERE id <= 100");
        connector.change(LIST, first + ",public.extra");
        write(database);
        awaitSeam(connector, 2);
        write(database);

        attachPartition(database);
        awaitSeam(connector, 3);
        write(database);

        // Packed and dropped tables are no reason to copy anything.
        database.execute("VACUUM FULL measure_1", "DROP TABLE measure_0");

        // What is left out for a while has missed changes, and is copied again.
        connector.change(LIST, first);
        awaitSeam(connector, 4);
        database.execute("UPDATE extra SET note = 'while it is not captured' WHERE id % 3 = 0");
        writer.awaitMore(20);
        connector.awaitCaughtUp();
        connector.change(LIST, first + ",public.extra");
        awaitSeam(connector, 5);
        write(database);

        // So has what somebody takes out of the publication.
        database.execute(
                "ALTER PUBLICATION " + database.queryOne("SELECT quote_ident(pubname) FROM pg_publication")
                        + " DROP TABLE extra",
                "UPDATE extra SET note = 'while it is not published' WHERE id % 7 = 0");
        awaitSeam(connector, 6);
        write(database);
        writer.awaitMore(20);
        writer.stop();

        assertExact(connector);
    }

    private void assertExact(RunningConnector connector) throws Exception {
        written.addAll(List.of("public.extra", "public.measure_1", "public.measure_2", "public.measure_3"));
        connector.awaitReplayed(written.toArray(String[]::new));
        assertThat(connector.generations("measure_1")).containsOnly(1);
        assertThat(connector.generations("measure_2")).containsOnly(3);
        assertThat(connector.generations("measure_3"))
                .as("its first row came by the stream")
                .isEmpty();
        assertThat(connector.generations("extra")).containsOnly(2, 5, 6);
        assertThat(connector.generations("account")).containsOnly(1);
        assertThat(connector.control("plan")).isNotEmpty();
    }

    private static void createTables(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TABLE extra (id int PRIMARY KEY, note text)",
                "INSERT INTO extra SELECT i, 'extra ' || i FROM generate_series(1, 2000) i",
                "CREATE TABLE measure (id int PRIMARY KEY, note text) PARTITION BY RANGE (id)",
                "CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (0) TO (1000)",
                "INSERT INTO measure SELECT i, 'measure ' || i FROM generate_series(0, 999) i",
                "CREATE TABLE measure_0 (id int PRIMARY KEY, note text)");
    }

    /** One that has rows already, and one that is made empty. */
    private static void attachPartition(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TABLE measure_2 (id int PRIMARY KEY, note text)",
                "INSERT INTO measure_2 SELECT i, 'attached ' || i FROM generate_series(1000, 1999) i",
                "BEGIN; ALTER TABLE measure ATTACH PARTITION measure_2 FOR VALUES FROM (1000) TO (2000);"
                        + " CREATE TABLE measure_3 PARTITION OF measure FOR VALUES FROM (2000) TO (3000); COMMIT",
                "INSERT INTO measure SELECT i, 'measure ' || i FROM generate_series(2000, 2099) i");
    }

    private static void write(TestDatabase database) throws Exception {
        database.execute(
                "UPDATE extra SET note = note || '.' WHERE id % 10 = 0",
                "DELETE FROM extra WHERE id = (SELECT max(id) FROM extra)",
                "UPDATE measure SET note = note || '.' WHERE id % 10 = 0",
                "INSERT INTO extra SELECT max(id) + 10, 'new' FROM extra");
    }

    private static void awaitSeam(RunningConnector connector, int generation) {
        connector.awaitSeam(generation);
        assertThat(connector.control("seam").stream()
                        .mapToLong(seam -> seam.path("generation").asInt()))
                .as("no anchor without need")
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, generation).boxed().toList());
    }
}
