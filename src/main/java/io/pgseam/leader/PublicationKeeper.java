package io.pgseam.leader;

import io.pgseam.capture.NameList;
import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.config.SignalSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PresentCatalog;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationChange;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.RefusedChanges;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.session.PatientSession;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.pg.session.StandbyReplay;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the publication hold what is captured, as far as the connector may change it. */
final class PublicationKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(PublicationKeeper.class);

    /** cannot_connect_now: tried again. */
    private static final String NOT_NOW = "57P03";

    private final PgSeamSettings settings;
    private final ReplicationSettings replication;
    private final Sessions sessions;
    private final TableWatch watch;

    /** The tables that could not be taken out of the publication, as of the last attempt. */
    private List<TableId> stuck = List.of();

    /** Why the table of signals is not published, as of the last attempt; null if it is. */
    private @Nullable String signalsFault;

    PublicationKeeper(PgSeamSettings settings, Sessions sessions, TableWatch watch) {
        this.sessions = sessions;
        this.settings = settings;
        this.replication = settings.replication();
        this.watch = watch;
    }

    /** A change of the publication. */
    private interface Change<T> {
        T on(Connection session) throws SQLException;
    }

    /**
     * Changes the publication where that is possible: if the source is a standby, on its primary; then the standby has the change when this
     * returns.
     */
    private <T> T change(Connection source, Change<T> change) throws SQLException {
        if (replication.publicationMode() == PublicationMode.DISABLED
                || !Sessions.isWithStandby(source.unwrap(PgConnection.class))) {
            return change.on(source);
        }
        Sessions primary = sessions.primary();
        if (primary == null) {
            return changeOnStandby(source, change);
        }
        try (PatientSession patient = PatientSession.open(
                primary, "publication", "Changing publication \"" + replication.publicationName() + "\"")) {
            T result = change.on(patient.session());
            StandbyReplay.await(patient.session(), source);
            return result;
        }
    }

    /** As long as nothing has to be changed, that it is a standby does not matter. */
    private <T> T changeOnStandby(Connection source, Change<T> change) throws SQLException {
        try {
            return change.on(source);
        } catch (SQLException e) {
            if (!SqlErrors.isReadOnly(e)) {
                throw e;
            }
            throw new SQLException(
                    "publication \"" + replication.publicationName()
                            + "\" has to be changed, and the source is a standby: set primary.hostname, or change it on the"
                            + " primary yourself and set publication.autocreate.mode to disabled",
                    NOT_NOW,
                    e);
        }
    }

    /**
     * Publishes the tables of a selection. A table that the server refuses is set aside, and the others are published.
     *
     * @return the selection without the tables that the server refuses
     * @throws SQLException if the publication cannot be changed at all
     */
    TableSelection extend(Connection source, TableSelection selection) throws SQLException {
        return change(source, session -> extendIn(session, selection));
    }

    private TableSelection extendIn(Connection session, TableSelection selection) throws SQLException {
        Publications publications = new Publications(session);
        if (replication.publicationMode() == PublicationMode.ALL_TABLES
                && publications.find(replication.publicationName()).isEmpty()) {
            ensureAllCanBePublished(session);
        }
        try {
            ensure(publications, selection.names());
            return selection;
        } catch (SQLException e) {
            if (replication.publicationMode() != PublicationMode.FILTERED || !SqlErrors.isRefusal(e)) {
                throw e;
            }
        }
        List<Long> refused = new ArrayList<>();
        Set<TableId> published = new HashSet<>();
        SQLException last = null;
        for (Relation table : selection.captured()) {
            published.add(table.id());
            try {
                ensure(publications, published::contains);
            } catch (SQLException e) {
                if (!SqlErrors.isRefusal(e)) {
                    throw e;
                }
                last = e;
                published.remove(table.id());
                refused.add(table.oid());
            }
        }
        if (last != null && refused.size() == selection.captured().size()) {
            // The publication itself is what is refused.
            throw last;
        }
        String reason = last == null ? "" : SqlErrors.describe(last);
        selection.captured().stream()
                .filter(table -> refused.contains(table.oid()))
                .forEach(table -> watch.refuse(table, reason));
        return selection.without(refused);
    }

    private void ensure(Publications publications, Predicate<TableId> tables) throws SQLException {
        log(publications.ensure(
                replication.publicationName(),
                replication.publicationMode(),
                tables,
                replication.publishViaPartitionRoot(),
                replication.slotName()));
    }

    private void ensureAllCanBePublished(Connection session) throws SQLException {
        List<TableId> refused = RefusedChanges.ifAllArePublished(session);
        if (!refused.isEmpty()) {
            throw new ConnectException(
                    "Publication \"" + replication.publicationName()
                            + "\" FOR ALL TABLES is not created, because PostgreSQL would refuse UPDATE and DELETE on tables without a"
                            + " usable replica identity: " + NameList.of(refused)
                            + ". Give each a primary key or REPLICA IDENTITY FULL, or set publication.autocreate.mode to filtered");
        }
    }

    /**
     * Takes tables out of the connector's own publication at once, because PostgreSQL refuses the application's changes of them. If the
     * server does not let it, the log warns once, and all other tables continue.
     */
    void withdraw(Connection source, TableSelection selection) throws SQLException {
        List<TableId> tables = selection.withdrawn().stream().map(Relation::id).toList();
        if (tables.isEmpty()) {
            stuck = List.of();
            return;
        }
        try {
            log(change(
                    source,
                    session ->
                            new Publications(session).withdraw(replication.publicationName(), selection.withdrawn())));
        } catch (SQLException e) {
            if (!SqlErrors.isRefusal(e)) {
                throw e;
            }
            if (!tables.equals(stuck)) {
                LOG.warn(
                        "Tables cannot be taken out of publication \"{}\", and PostgreSQL refuses the application's UPDATE and DELETE on"
                                + " them: {}. Run ALTER PUBLICATION {} DROP TABLE as the owner of the publication, or give them a primary key."
                                + " The server says: {}",
                        replication.publicationName(),
                        NameList.of(tables),
                        TableId.quoteIdentifier(replication.publicationName()),
                        SqlErrors.describe(e));
            }
            stuck = tables;
        }
    }

    /**
     * Takes out of the connector's own publication what is not captured any more; only once the ledger has a plan without it. If the server does not
     * let it, such a table stays published, and its changes are passed over.
     */
    void trim(Connection source) throws SQLException {
        try {
            log(change(
                    source,
                    session -> new Publications(session)
                            .trim(
                                    replication.publicationName(),
                                    replication.publicationMode(),
                                    table -> settings.capture().includesTable(table)
                                            || table.equals(settings.capture().signals()),
                                    replication.slotName())));
        } catch (SQLException e) {
            if (!SqlErrors.isRefusal(e)) {
                throw e;
            }
            LOG.warn(
                    "A table that is not captured any more cannot be taken out of publication \"{}\"; its changes are passed over. Run ALTER"
                            + " PUBLICATION {} DROP TABLE as the owner of the publication. The server says: {}",
                    replication.publicationName(),
                    TableId.quoteIdentifier(replication.publicationName()),
                    SqlErrors.describe(e));
        }
    }

    /**
     * Publishes the table of signals, if there is one and it can be had at once. It needs no anchor: its rows are read from when it is published on. If it
     * cannot be published, the log says why, once; nothing else is affected.
     */
    void publishSignals(Connection session) {
        TableId table = settings.capture().signals();
        if (table == null) {
            return;
        }
        String fault;
        try {
            fault = signalsFault(session, table);
        } catch (SQLException e) {
            fault = SqlErrors.describe(e);
        }
        if (fault != null && !fault.equals(signalsFault)) {
            LOG.warn(
                    "Signals of table {} ({}) are not read, and everything else continues: {}",
                    table.quoted(),
                    SignalSettings.DATA_COLLECTION,
                    fault);
        }
        signalsFault = fault;
    }

    /** Why the table of signals is not published; null once it is. */
    private @Nullable String signalsFault(Connection session, TableId table) throws SQLException {
        Publications publications = new Publications(session);
        Optional<Publication> publication = publications.find(replication.publicationName());
        if (publication.isEmpty()) {
            return "there is no publication \"" + replication.publicationName() + "\"";
        }
        List<Relation> missing = publications.missing(publication.get(), table::equals);
        if (missing.isEmpty()) {
            return new PresentCatalog(session).exists(table) ? null : "there is no such table";
        }
        if (replication.publicationMode() != PublicationMode.FILTERED) {
            return "publication \"" + replication.publicationName() + "\" does not publish it: run ALTER PUBLICATION "
                    + TableId.quoteIdentifier(replication.publicationName()) + " ADD TABLE " + table.quoted();
        }
        if (!missing.get(0).publishable()) {
            return "it is " + missing.get(0).kind() + " that cannot be published";
        }
        if (!RefusedChanges.ifPublished(session, missing).isEmpty()) {
            return "it has no primary key, so PostgreSQL would refuse UPDATE and DELETE on it once it is published: give it one";
        }
        log(change(session, publishing -> new Publications(publishing).add(replication.publicationName(), missing)));
        return null;
    }

    private void log(PublicationChange change) {
        if (change.any()) {
            LOG.info(
                    "Publication \"{}\":{}{}{}",
                    replication.publicationName(),
                    change.created() ? " created." : "",
                    change.added().isEmpty() ? "" : " Added: " + NameList.of(change.added()) + ".",
                    change.removed().isEmpty() ? "" : " Removed: " + NameList.of(change.removed()) + ".");
        }
    }
}
