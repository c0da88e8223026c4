package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.Replay;
import io.pgseam.testing.Seed;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Copy tasks that end anywhere: how many rows the source reads, by its own count. */
class CopyResumeIT extends ConnectorScenario {

    private static final int ROWS = 60_000;
    private static final int TASKS = 2;
    private static final int ENDS = 6;

    /** 16 kB. */
    private static final int BLOCKS_PER_STRIDE = 2;

    /** What a task has read ahead, and the batch that Connect has of it; a record takes at least as much memory as the objects around it. */
    private static final int ROWS_AHEAD = 2 * (64 << 10) / 200;

    private final Random random = Seed.random(CopyResumeIT.class);

    @Test
    void eachTaskThatEndsHasWhatItReadAheadAndOneStrideReadAgain() throws Exception {
        TestDatabase database = database(18);
        // Nobody else reads it.
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, note text) WITH (autovacuum_enabled = false)",
                "INSERT INTO item SELECT i, repeat('note ' || i, 10) FROM generate_series(1, " + ROWS + ") i");
        long mostRowsInABlock = Long.parseLong(database.queryOne(
                "SELECT max(n)::text FROM (SELECT count(*) n FROM item GROUP BY (ctid::text::point)[0]) blocks"));
        Eventually.holds("that query is counted", () -> read(database) == ROWS);
        RunningConnector connector = slowConnector(
                database,
                "tasks.max=" + TASKS,
                "snapshot.chunk.size=1MB",
                "snapshot.stride.size=16kB",
                "max.queue.size.in.bytes=64kB");
        // Six ends within the first third: the rest takes long after them.
        connector.slowDown(100_000);
        for (int end = 0; end < ENDS; end++) {
            long target = (end + 1L) * ROWS / (3 * ENDS);
            Eventually.holds("the copy goes on past " + target, () -> copied(cluster, connector) >= target);
            connector.restartTask(random.nextInt(TASKS));
        }
        assertThat(connector.control("seam"))
                .as("all of them ended while they copied")
                .isEmpty();
        connector.hurry();
        assertThat(connector.awaitSeam().path("generation").asInt()).isEqualTo(1);
        // A session tells what it has read at the latest when it ends.
        Eventually.holds("no task copies", () -> database.sessions("copy").isEmpty());
        assertThat(read(database) - 2 * ROWS)
                .as("rows that were read again")
                .isBetween(0L, ENDS * (ROWS_AHEAD + BLOCKS_PER_STRIDE * mostRowsInABlock));
        Replay all = connector.awaitReplayed("public.item");
        assertThat(all.snapshotRows()).isEqualTo(ROWS);
    }

    /** How many rows the committed offsets call copied. */
    private static long copied(ConnectCluster cluster, RunningConnector connector) {
        return cluster.offsets(connector.name()).entrySet().stream()
                .filter(offset -> offset.getKey().has("chunk"))
                .mapToLong(offset -> offset.getValue().path("rows").asLong())
                .sum();
    }

    /** How many rows of the table were read so far. */
    private static long read(TestDatabase database) throws SQLException {
        return Long.parseLong(
                database.queryOne("SELECT seq_tup_read::text FROM pg_stat_user_tables WHERE relname = 'item'"));
    }
}
