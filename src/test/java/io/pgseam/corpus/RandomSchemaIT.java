package io.pgseam.corpus;

import io.pgseam.corpus.CarriedDatabase.Form;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Extent;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random schemas with random rows, written at random, through both phases. {@code -Dpgseam.seed=…} plays one again, and
 * {@code -Dpgseam.schemas=…} plays so many new ones.
 */
class RandomSchemaIT {

    private static final int[] VERSIONS = {14, 17, 18};

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    static LongStream seeds() {
        Long one = Long.getLong("pgseam.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        Integer many = Integer.getInteger("pgseam.schemas");
        if (many != null) {
            return new Random().longs(many);
        }
        return LongStream.concat(
                LongStream.rangeClosed(1, Extent.ofThisRun(1, 20)), new Random().longs(Extent.ofThisRun(1, 10)));
    }

    @ParameterizedTest(name = "-Dpgseam.seed={0}")
    @MethodSource("seeds")
    void randomTablesAreDeliveredWhole(long seed) throws Exception {
        System.out.println("RandomSchemaIT: -Dpgseam.seed=" + seed);
        Random choices = new Random(~seed);
        int version = VERSIONS[choices.nextInt(VERSIONS.length)];
        boolean asRoot = choices.nextBoolean();
        boolean quietStart = choices.nextBoolean();
        Form form = choices.nextBoolean() ? Form.PACKED : Form.FLAT;
        String name = "random_" + Long.toHexString(seed);
        try (TestDatabase database = PostgresServer.shared(version).createDatabase(name)) {
            RandomSchema schema = new RandomSchema(seed, version);
            schema.create(database);
            try (CarriedDatabase carried = CarriedDatabase.start(cluster, database, asRoot, form)) {
                if (quietStart) {
                    carried.assertDelivered();
                } else {
                    schema.write(database, 100);
                    carried.awaitSeam();
                }
                schema.write(database, 100);
                carried.assertDelivered();
            }
        }
    }
}
