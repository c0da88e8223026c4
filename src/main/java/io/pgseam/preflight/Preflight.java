package io.pgseam.preflight;

import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelection;
import io.pgseam.capture.TableSelector;
import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.RefusedChanges;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.ServerState;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.StreamBegin;
import io.pgseam.snapshot.CopyPlan;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks settings against the source: server, role, slot, publication and tables. It changes nothing there.
 *
 * <p>It finds as many faults as it can in one go, and each message says what to do. A connection attempt ends after ten
 * seconds, so that the answer comes before the REST client gives up.
 */
public final class Preflight {

    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final String SOCKET_TIMEOUT_SECONDS = "40";

    /** Below the socket's: the server's own word on what took so long is better. */
    private static final String STATEMENT_TIMEOUT = "SET statement_timeout = '30s'";

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private final Consumer<String> warnings;
    private final List<SetAside> setAside = new ArrayList<>();

    /** Logs what is no fault and yet has to be known. */
    public Preflight() {
        this(LOG::warn);
    }

    /** @param warnings told what is no fault and yet has to be known: Connect shows faults alone */
    Preflight(Consumer<String> warnings) {
        this.warnings = warnings;
    }

    /** How much is checked. */
    enum Extent {
        /** The server and the role: where other settings have faults already. */
        SERVER,
        EVERYTHING
    }

    /** The tables that the connector would set aside, after {@link #check}. */
    List<SetAside> setAside() {
        return List.copyOf(setAside);
    }

    /** All faults of the settings that the source shows. */
    public List<Fault> check(PgSeamSettings settings) {
        return check(settings, Extent.EVERYTHING);
    }

    List<Fault> check(PgSeamSettings settings, Extent extent) {
        List<Fault> faults = new ArrayList<>();
        try (Sessions sessions = new Sessions(impatient(settings.connection()));
                Connection session = sessions.openWithAny("preflight")) {
            try {
                check(settings, extent, sessions, session, faults);
            } catch (SQLException e) {
                faults.add(new Fault(
                        ConnectionDefinition.HOSTNAME, "the checks could not be completed: " + SqlErrors.describe(e)));
            }
        } catch (SQLException e) {
            faults.addAll(ConnectionFaults.of(e, settings.connection()));
        }
        return faults;
    }

    private static ConnectionSettings impatient(ConnectionSettings settings) {
        int connectTimeoutMs = Math.min(settings.connectTimeoutMs(), CONNECT_TIMEOUT_MS);
        Map<String, String> driver = new HashMap<>(settings.driverProperties());
        driver.put("loginTimeout", String.valueOf(Math.max(1, connectTimeoutMs / 1000)));
        driver.put("socketTimeout", SOCKET_TIMEOUT_SECONDS);
        return settings.with(connectTimeoutMs, driver);
    }

    private void check(
            PgSeamSettings settings, Extent extent, Sessions sessions, Connection session, List<Fault> faults)
            throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(STATEMENT_TIMEOUT);
        }
        ServerCatalog catalog = new ServerCatalog(session);
        ServerState server = catalog.server();
        ServerCheck serverCheck = new ServerCheck(settings.connection(), faults::add);
        if (!serverCheck.supports(server)) {
            return;
        }
        serverCheck.server(server);
        if (serverCheck.isDecodedStandby(server)) {
            serverCheck.standby(catalog.standby(), settings.replication().publicationMode());
            serverCheck.heartbeatOnStandby(settings.stream().heartbeatQuery());
            PrimaryCheck.check(sessions, session, faults::add, warnings);
        }
        if (extent == Extent.SERVER) {
            return;
        }
        if (settings.replication().failover()) {
            serverCheck.failover(server);
        }
        String slot = settings.replication().slotName();
        SlotState found = catalog.slot(slot).orElse(null);
        serverCheck.slot(server, slot, found);
        StreamBegin begin = settings.stream().limits().begin();
        if (begin != null && found == null) {
            faults.add(new Fault(ReplicationSettings.SLOT_NAME, begin.withoutSlot(slot)));
        }
        encoding(session);
        tables(settings, server, session, faults);
    }

    private void encoding(Connection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SHOW server_encoding")) {
            result.next();
            if (DatabaseEncoding.ANY_BYTES.equals(result.getString(1))) {
                warnings.accept(
                        "The encoding of the database is SQL_ASCII, which holds any bytes as text. The connector takes them"
                                + " for UTF-8. Text that is not valid there stops copy or stream, which name table and column; with"
                                + " text.invalid=replace, U+FFFD takes its place");
            }
        }
    }

    private void tables(PgSeamSettings settings, ServerState server, Connection session, List<Fault> faults)
            throws SQLException {
        TableSelection selection = new TableSelector(settings).select(session, CopyPlan.NOTHING);
        setAside.addAll(selection.setAside());
        new SelectionCheck(settings.capture(), faults::add, warnings).report(selection);

        MaskCheck.check(settings.masks(), selection, session, faults::add, warnings);

        Optional<Publication> publication =
                new Publications(session).find(settings.replication().publicationName());
        PublicationCheck publicationCheck = new PublicationCheck(settings, server, faults::add, warnings);
        if (publication.isPresent()) {
            publicationCheck.present(publication.get());
            return;
        }
        if (!selection.captured().isEmpty() || !selection.setAside().isEmpty()) {
            publicationCheck.absent(
                    selection.captured().isEmpty()
                            ? selection.setAside().stream().map(SetAside::table).toList()
                            : selection.captured().stream().map(Relation::id).toList());
        }
        if (settings.replication().publicationMode() == PublicationMode.ALL_TABLES) {
            publicationCheck.allTables(RefusedChanges.ifAllArePublished(session));
        }
    }
}
