package io.pgseam.tool.state;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.tool.connect.ConnectRest;
import io.pgseam.tool.connect.ConnectorState;
import io.pgseam.tool.source.ReplicationObjects;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.source.SourceSession;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.ControlTopic;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at a connector, as often as it is asked. Changes nothing. */
public final class ConnectorView implements AutoCloseable {

    private final PgSeamSettings settings;
    private final String connector;
    private final SourceSession source;
    private final ControlTopic control;
    private final Optional<ConnectRest> connect;

    private ConnectorView(
            PgSeamSettings settings,
            String connector,
            SourceSession source,
            ControlTopic control,
            Optional<ConnectRest> connect) {
        this.settings = settings;
        this.connector = connector;
        this.source = source;
        this.control = control;
        this.connect = connect;
    }

    /**
     * Connects with the source and with Kafka.
     *
     * @param clientProperties properties of Kafka's clients
     * @param connectUrl Connect's REST interface; empty if it is not to be asked
     * @param connector the connector's name in Connect
     * @throws io.pgseam.tool.outcome.CommandFailure if one of them cannot be reached
     */
    public static ConnectorView open(
            PgSeamSettings settings, Map<String, Object> clientProperties, Optional<URI> connectUrl, String connector) {
        SourceSession source = SourceSession.open(settings.connection(), "status");
        try {
            ControlTopic control =
                    new ControlTopic(clientProperties, settings.topics().controlTopic());
            return new ConnectorView(settings, connector, source, control, connectUrl.map(ConnectRest::new));
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Where the source writes WAL now. */
    public Lsn sourceLsn() {
        return source.ask(session -> new ReplicationObjects(settings.replication(), session).currentLsn());
    }

    /** Everything as it is now. The slot is read before the control topic, and so is never ahead of it. */
    public ConnectorReport look() {
        List<Slot> slots = source.ask(session -> new ReplicationObjects(settings.replication(), session).slots());
        Lsn lsn = sourceLsn();
        Optional<ReplayLag> replay = source.ask(ReplayLag::read);
        ConnectorLog log = control.read();
        String name = settings.replication().slotName();
        // A connector that an earlier release began has the default name of that release.
        Optional<Slot> slot = named(slots, name).or(() -> log.seam().flatMap(seam -> named(slots, seam.slot())));
        Optional<ConnectorState> state = connect.map(rest -> rest.state(connector));
        return new ConnectorReport(
                connector,
                settings.topics().controlTopic(),
                name,
                log,
                lsn,
                replay,
                slot,
                state,
                System.currentTimeMillis());
    }

    private static Optional<Slot> named(List<Slot> slots, String name) {
        return slots.stream().filter(slot -> slot.state().name().equals(name)).findFirst();
    }

    @Override
    public void close() {
        control.close();
        source.close();
    }
}
