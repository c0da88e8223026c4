package io.pgseam.corpus;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;

/** A table with a column of every type that the server has, through both phases. */
class TypeTableIT {

    @Matrix(build = "14", nightly = "18")
    void everyTypeOfTheServerIsCopiedAndStreamed(int version) throws Exception {
        ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);
        try (TestDatabase database = PostgresServer.shared(version).createDatabase("all_types_" + version)) {
            Script.run(database, "types.sql");
            try (CarriedDatabase carried = CarriedDatabase.start(cluster, database, false)) {
                carried.awaitSeam();
                carried.assertDelivered();
                Script.run(database, "types_writes.sql");
                carried.assertDelivered();
            }
        }
    }
}
