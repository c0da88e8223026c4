package io.pgseam;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.time.Duration;
import java.util.BitSet;

/**
 * A program that streams one transaction of many rows through a Connect cluster of its own, broker and all, in this JVM: started
 * with a small heap, it shows that no part of the connector holds a transaction whole (I11).
 *
 * <p>Argument: the number of rows. Ends with exit code 0 where every row arrived.
 */
final class LargeTransaction {

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private LargeTransaction() {}

    public static void main(String[] arguments) throws Exception {
        int rows = Integer.parseInt(arguments[0]);
        // The server is a process of its own, so its memory does not count here.
        try (PostgresServer server = PostgresServer.start(18);
                ConnectCluster cluster = ConnectCluster.start(1, Delivery.EXACTLY_ONCE);
                TestDatabase database = server.createDatabase("large_transaction")) {
            database.execute("CREATE TABLE large (id int PRIMARY KEY, note text)");
            try (RunningConnector connector = RunningConnector.create(cluster, database, "large_transaction")) {
                connector.awaitSeam();
                database.execute("INSERT INTO large SELECT i, 'note ' || i FROM generate_series(1, " + rows + ") i");
                awaitEveryRow(cluster, connector, rows);
            }
        }
        System.out.println("large transaction: OK");
        System.exit(0);
    }

    /** Reads record by record: the program itself must not hold them either. */
    private static void awaitEveryRow(ConnectCluster cluster, RunningConnector connector, int rows) {
        BitSet seen = new BitSet(rows + 1);
        long[] records = {0};
        try (TopicReader reader = TopicReader.of(cluster.bootstrapServers(), connector.topic("public.large"))) {
            Eventually.holds(
                    "every row is in Kafka",
                    TIMEOUT,
                    () -> {
                        reader.readToEnd(record -> {
                            records[0]++;
                            seen.set(id(record.key()));
                        });
                        return seen.cardinality() >= rows;
                    },
                    () -> seen.cardinality() + " of " + rows + " rows\n" + cluster.status(connector.name()));
        }
        if (records[0] != rows) {
            throw new AssertionError(records[0] + " records for " + rows + " rows");
        }
    }

    /** The number in a key such as {@code {"id":42}}. */
    private static int id(byte[] key) {
        int id = 0;
        for (byte b : key) {
            if (b >= '0' && b <= '9') {
                id = id * 10 + (b - '0');
            }
        }
        return id;
    }
}
