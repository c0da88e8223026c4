package io.pgseam.preflight;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.ServerState;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private static final String LOGIN_TIMEOUT_SECONDS = "10";
    private static final String SOCKET_TIMEOUT_SECONDS = "40";

    /** Below the socket's: the server's own word on what took so long is better. */
    private static final String STATEMENT_TIMEOUT = "SET statement_timeout = '30s'";

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private final Consumer<String> warnings;

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

    /** All faults of the settings that the source shows. */
    public List<Fault> check(PgSeamSettings settings) {
        return check(settings, Extent.EVERYTHING);
    }

    List<Fault> check(PgSeamSettings settings, Extent extent) {
        List<Fault> faults = new ArrayList<>();
        try (Sessions sessions = new Sessions(impatient(settings.connection()));
                Connection session = sessions.openWithAny("preflight")) {
            try {
                check(settings, extent, session, faults);
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
        Map<String, String> driver = new HashMap<>(settings.driverProperties());
        driver.put("loginTimeout", LOGIN_TIMEOUT_SECONDS);
        driver.put("socketTimeout", SOCKET_TIMEOUT_SECONDS);
        return new ConnectionSettings(
                settings.hostname(),
                settings.port(),
                settings.database(),
                settings.user(),
                settings.password(),
                Math.min(settings.connectTimeoutMs(), CONNECT_TIMEOUT_MS),
                driver,
                settings.applicationName(),
                settings.tellsQueries());
    }

    private void check(PgSeamSettings settings, Extent extent, Connection session, List<Fault> faults)
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
        if (extent == Extent.SERVER) {
            return;
        }
        if (settings.replication().failover()) {
            serverCheck.failover(server);
        }
        String slot = settings.replication().slotName();
        serverCheck.slot(server, slot, catalog.slot(slot).orElse(null));
        tables(settings, server, session, faults);
    }

    private void tables(PgSeamSettings settings, ServerState server, Connection session, List<Fault> faults)
            throws SQLException {
        RelationCatalog catalog = new RelationCatalog(session);
        Map<Long, Relation> relations = catalog.relations();
        List<Relation> selected = Catalog.topmost(relations, settings.capture()::includesTable);
        TableCheck tableCheck = new TableCheck(settings.capture(), server.role(), faults::add, warnings);
        tableCheck.selection(relations.values(), selected);

        Publications publications = new Publications(session);
        Optional<Publication> publication =
                publications.find(settings.replication().publicationName());
        PublicationCheck publicationCheck = new PublicationCheck(settings, server, faults::add, warnings);
        List<Relation> unpublished = selected;
        if (publication.isPresent()) {
            unpublished = publications.missing(publication.get(), settings.capture()::includesTable);
            publicationCheck.present(publication.get(), unpublished);
        } else if (!selected.isEmpty()) {
            publicationCheck.absent(selected);
        }

        boolean viaRoot = publishesViaRoot(settings, publication);
        List<LeafState> leaves = catalog.leafStates(oids(selected));
        tableCheck.leaves(leaves, relations, viaRoot, Set.copyOf(oids(unpublished)));
        settings.topics().checkTopics(published(selected, leaves, viaRoot), faults::add);
        if (publication.isEmpty() && settings.replication().publicationMode() == PublicationMode.ALL_TABLES) {
            tableCheck.uncapturedIdentities(otherLeaves(catalog, relations, selected));
        }
    }

    private static boolean publishesViaRoot(PgSeamSettings settings, Optional<Publication> publication) {
        boolean wanted = settings.replication().publishViaPartitionRoot();
        if (publication.isEmpty()) {
            return wanted;
        }
        boolean ours = settings.replication().publicationMode() == PublicationMode.FILTERED
                && settings.replication().slotName().equals(publication.get().markedSlot());
        return ours ? wanted : publication.get().viaPartitionRoot();
    }

    private static List<TableId> published(List<Relation> selected, List<LeafState> leaves, boolean viaRoot) {
        return viaRoot
                ? selected.stream().map(Relation::id).toList()
                : leaves.stream().map(LeafState::id).toList();
    }

    /** A publication of all tables is one of the tables that are not captured, too, and theirs are the application's UPDATEs. */
    private static List<LeafState> otherLeaves(
            RelationCatalog catalog, Map<Long, Relation> relations, List<Relation> selected) throws SQLException {
        Set<Long> captured = new HashSet<>(oids(selected));
        List<Relation> others = Catalog.topmost(relations, table -> true).stream()
                .filter(relation -> !captured.contains(relation.oid()))
                .toList();
        return catalog.leafStates(oids(others)).stream()
                .filter(leaf ->
                        leaf.permanent() && leaf.kind() == Relation.Kind.TABLE && !captured.contains(leaf.oid()))
                .toList();
    }

    private static List<Long> oids(List<Relation> relations) {
        return relations.stream().map(Relation::oid).toList();
    }
}
