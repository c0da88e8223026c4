package io.pgseam.corpus;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Well-known example databases through both phases, written as their applications would. */
class CorporaIT {

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @ParameterizedTest(name = "{0}, PostgreSQL {1}, partitions as their root: {2}")
    @CsvSource({"dvd_rental, 18, false", "dvd_rental, 14, true", "northwind, 17, false", "airline, 18, false"})
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
    @ParameterizedTest(name = "{0}, PostgreSQL {1}, partitions as their root: {2}")
    @CsvSource({"dvd_rental, 17, true", "northwind, 18, false"})
    void anExampleDatabaseIsDeliveredWholeInDebeziumsEnvelope(String corpus, int version, boolean asRoot)
            throws Exception {
        try (TestDatabase database = PostgresServer.shared(version).createDatabase(corpus + "_envelope")) {
            Script.run(database, corpus + ".sql");
            try (CarriedDatabase carried = CarriedDatabase.start(cluster, database, asRoot, true)) {
                carried.assertDelivered();
                Script.run(database, corpus + "_writes.sql");
                carried.assertDelivered();
            }
        }
    }
}
