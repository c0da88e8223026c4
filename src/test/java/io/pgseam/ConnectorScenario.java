package io.pgseam;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.TestDatabase;
import java.util.Arrays;

/** A test of connectors on real servers. */
public abstract class ConnectorScenario extends DatabaseScenario {

    /** One worker, exactly once. */
    protected final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    /** One worker. */
    protected static ConnectCluster cluster(Delivery delivery) {
        return ConnectCluster.shared(1, delivery);
    }

    /** A connector of the database's name; does not wait. */
    protected final RunningConnector connector(TestDatabase database, String... settings) {
        return connector(cluster, database, settings);
    }

    /** A connector of the database's name on another cluster; does not wait. */
    protected final RunningConnector connector(ConnectCluster other, TestDatabase database, String... settings) {
        return closing(RunningConnector.create(other, database, database.name(), settings));
    }

    /** One more connector on a database, with topics of its own. */
    protected final RunningConnector another(TestDatabase database, String name, String... settings) {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "topic.prefix=" + name;
        return closing(RunningConnector.create(cluster, database, name, all));
    }

    /** As {@link #connector}, {@linkplain RunningConnector#createHeld held}. */
    protected final RunningConnector heldConnector(TestDatabase database, String... settings) throws Exception {
        return heldConnector(cluster, database, settings);
    }

    /** The same on another cluster. */
    protected final RunningConnector heldConnector(ConnectCluster other, TestDatabase database, String... settings)
            throws Exception {
        return closing(RunningConnector.createHeld(other, database, database.name(), settings));
    }

    /** As {@link #connector}, {@linkplain RunningConnector#createSlow slow}. */
    protected final RunningConnector slowConnector(TestDatabase database, String... settings) throws Exception {
        return slowConnector(cluster, database, settings);
    }

    /** The same on another cluster. */
    protected final RunningConnector slowConnector(ConnectCluster other, TestDatabase database, String... settings)
            throws Exception {
        return closing(RunningConnector.createSlow(other, database, database.name(), settings));
    }
}
