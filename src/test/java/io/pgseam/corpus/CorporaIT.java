package io.pgseam.corpus;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;

/**
 * Well-known example databases through both phases, written as their applications would; and one that has a column of every type that the
 * server has.
 */
class CorporaIT {

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    /** Partitions are published as their root, or as they are. */
    @Matrix(
            build = {"dvd_rental, 14, true", "airline, 18, false", "types, 14, false"},
            nightly = {"dvd_rental, 18, false", "northwind, 17, false", "types, 18, false"})
    void anExampleDatabaseIsDeliveredWhole(String corpus, int version, boolean asRoot) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase(corpus + "_" + version)) {
            Script.run(database, corpus + ".sql");
            try (CarriedDatabase carried = CarriedDatabase.start(cluster, database, asRoot)) {
                carried.assertDelivered();
                Script.run(database, corpus + "_writes.sql");
                carried.assertDelivered();
            }
        }
    }

    /** Not the airline: infinite timestamps have a form of Debezium's own, which the oracle does not read. */
    @Matrix(build = "northwind, 18, false", nightly = "dvd_rental, 17, true")
    void anExampleDatabaseIsDeliveredWholeInDebeziumsEnvelope(String corpus, int version, boolean asRoot)
            throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase(corpus + "_envelope")) {
            Script.run(database, corpus + ".sql");
            try (CarriedDatabase carried =
                    CarriedDatabase.start(cluster, database, asRoot, CarriedDatabase.Form.ENVELOPE)) {
                carried.assertDelivered();
                Script.run(database, corpus + "_writes.sql");
                carried.assertDelivered();
            }
        }
    }
}
