package io.pgseam.leader;

import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelection;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.failpoint.Failpoint;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.pg.session.PatientSession;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.ChunkSize;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyTally;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.StoredPlan;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens anchors: the publication first, for pgoutput decodes at an anchor only what was published before it; then the slot
 * with its snapshot; then the plan, which looks at the present and so sees at least what the snapshot shows. Only the files of
 * the tables are those of the snapshot: one that was rewritten in between would seem to be empty in the snapshot.
 */
final class AnchorOpener {

    private static final Logger LOG = LoggerFactory.getLogger(AnchorOpener.class);

    /** Of a plan that nothing is copied by. */
    private static final int ANY_GENERATION = 1_000;

    private final PgSeamSettings settings;
    private final Sessions sessions;
    private final Ledger ledger;
    private final TableWatch tables;
    private final PublicationKeeper publication;

    AnchorOpener(PgSeamSettings settings, Sessions sessions, Ledger ledger, LeaderMetrics metrics) {
        this.ledger = ledger;
        this.tables = new TableWatch(settings, ledger, metrics);
        this.publication = new PublicationKeeper(settings, sessions, tables);
        this.settings = settings;
        this.sessions = sessions;
    }

    /** The tables to capture, as this leader sees them. */
    TableWatch tables() {
        return tables;
    }

    /** The publication of this leader. */
    PublicationKeeper publication() {
        return publication;
    }

    /** Creates the durable slot; its own consistent point is anchor 1. */
    HeldAnchor openFirst() throws SQLException {
        boolean failover = settings.replication().failover();
        if (failover) {
            ensureFailover();
        }
        SlotLifetime lifetime = failover ? SlotLifetime.FAILOVER : SlotLifetime.DURABLE;
        TableSelection selection = select(CopyPlan.NOTHING);
        publishSignals();
        return open(1, lifetime, CopyPlan.NOTHING, selection, null);
    }

    /** If it has to wait for a lock, the next look at the tables tries again. */
    private void publishSignals() throws SQLException {
        try (PgConnection session = sessions.open("signals");
                Statement statement = session.createStatement()) {
            statement.execute("SET lock_timeout = '1s'");
            publication.publishSignals(session);
        }
    }

    /**
     * Opens a newer anchor by a temporary slot, which is gone when its snapshot is held.
     *
     * @param earlier the plan whose copies continue at it
     * @param vouched whether no change of it is missing, though the publication was created again
     */
    HeldAnchor openNext(int generation, CopyPlan earlier, boolean vouched) throws SQLException {
        CopyPlan covered = earlier.coveredIn(settings.snapshot().mode());
        if (vouched) {
            covered = covered.publishedBy(versions());
        }
        StreamPosition stream = ledger.stream();
        covered = covered.withRequested(stream == null ? CopyRequests.NONE : stream.requests());
        return open(generation, SlotLifetime.TEMPORARY, covered, select(covered), null);
    }

    /**
     * Tries what may take long or fail when the next anchor is opened: publishes the tables, creates a slot that is dropped at once, and makes the
     * plan. Changes of tables that are published earlier than they are copied are not sent: see {@link io.pgseam.stream.CoveredTables}.
     *
     * @param earlier the plan that the anchor is to follow
     * @param added what is to be copied at it, if the stream will pass over that; else nothing
     * @throws SQLException if the publication cannot be changed, or no slot can be created
     * @throws ConnectException if nothing can be planned
     */
    void prepare(CopyPlan earlier, TableSelection selection, AddedTables added) throws SQLException {
        TableSelection published = selection;
        if (isVersioned(earlier)) {
            try (PatientSession patient = patientWithPublication()) {
                published = publication.extend(patient.session(), selection);
            }
        }
        SnapshotHolder holder =
                SnapshotHolder.open(sessions, settings.replication().slotName(), SlotLifetime.TEMPORARY);
        try {
            plan(published, holder, ANY_GENERATION, earlier, added.isEmpty() ? null : added);
        } finally {
            holder.close();
        }
    }

    /**
     * Opens an anchor for tables that are added, while the stream passes over their changes and goes on with all others. Waits without end for
     * whoever is in the way; the log says for whom.
     *
     * @param earlier the plan all of which is copied
     */
    HeldAnchor openBeside(int generation, CopyPlan earlier, AddedTables added) throws SQLException {
        TableSelection selection;
        try (PatientSession patient = patientWithPublication()) {
            selection = publication.extend(patient.session(), added.selection());
        }
        return open(generation, SlotLifetime.TEMPORARY, earlier, selection, added);
    }

    private void ensureFailover() throws SQLException {
        try (PgConnection session = sessions.open("failover check")) {
            int version = session.getServerMajorVersion();
            if (version < SlotLifetime.VERSION_WITH_FAILOVER) {
                throw new ConnectException(ReplicationSettings.noFailover(version));
            }
        }
    }

    /** @param added what is copied at it, if the stream passes over that; null if the stream stands still, and all that is missing is copied */
    private HeldAnchor open(
            int generation,
            SlotLifetime lifetime,
            CopyPlan earlier,
            TableSelection selection,
            @Nullable AddedTables added)
            throws SQLException {
        SnapshotHolder holder =
                SnapshotHolder.open(sessions, settings.replication().slotName(), lifetime);
        try {
            Failpoint.SLOT_CREATED.pass();
            long openedMs = holder.ping();
            Anchor anchor = new Anchor(generation, holder.lsn());
            StoredPlan stored = StoredPlan.of(
                    goingOn(plan(selection, holder, generation, earlier, added), generation, earlier, added));
            CopyPlan plan = stored.plan();
            LOG.info(
                    "Opened {}: {} relations in {} chunks, {} MB to copy",
                    anchor,
                    plan.relations().size(),
                    plan.chunks(),
                    Math.round(plan.bytes() / 1e6));
            Failpoint.ANCHOR_OPENED.pass();
            CopyWatch watch = CopyWatch.of(anchor, plan, settings.tasksMax());
            watch.look(ledger);
            return new HeldAnchor(
                    anchor,
                    holder,
                    new AnchorSnapshot(holder.snapshot(), holder.view(), openedMs),
                    stored,
                    watch,
                    added != null);
        } catch (SQLException | RuntimeException e) {
            holder.close();
            throw e;
        }
    }

    /**
     * Selects the tables to capture, and publishes them: pgoutput decodes at an anchor only what was published before it.
     *
     * <p>What the earlier plan covers and was taken out of the publication misses changes. Added again, it has another version
     * there, so it is copied again. Only if the plan is of a release that knew no versions, the ledger has to forget it first, by a plan
     * without it.
     */
    private TableSelection select(CopyPlan earlier) throws SQLException {
        try (PatientSession patient = patientWithPublication()) {
            PgConnection session = patient.session();
            TableSelection selection = tables.select(session, earlier, unread(earlier));
            publication.withdraw(session, selection);
            if (selection.captured().isEmpty() && !earlier.relations().isEmpty()) {
                throw new SQLException(
                        "No table can be captured any more. Waits until one can be; the first: "
                                + selection.setAside().stream()
                                        .map(SetAside::describe)
                                        .findFirst()
                                        .orElse("none is selected"),
                        PSQLState.SERIALIZATION_FAILURE.getState());
            }
            boolean forgets = !isVersioned(earlier)
                    && !Coverage.of(earlier, selection, settings, ledger, session)
                            .lost()
                            .isEmpty();
            return forgets ? selection : publication.extend(session, selection);
        }
    }

    /** OIDs of the relations of which the ledger does not call every chunk done, and of those that are copied again. */
    private Set<Long> unread(CopyPlan plan) {
        Set<Long> copied = CopyTally.copiedRelations(plan, ledger);
        copied.removeAll(plan.toCopyAgain());
        return plan.relations().stream()
                .map(PlannedRelation::oid)
                .filter(oid -> !copied.contains(oid))
                .collect(Collectors.toSet());
    }

    private static boolean isVersioned(CopyPlan plan) {
        return plan.tables().stream().noneMatch(table -> table.published().isEmpty());
    }

    private PublicationVersions versions() throws SQLException {
        try (PgConnection session = sessions.open("publication")) {
            return PublicationVersions.read(session, settings.replication().publicationName());
        }
    }

    private PatientSession patientWithPublication() throws SQLException {
        return PatientSession.open(
                sessions,
                "publication",
                "Changing publication \"" + settings.replication().publicationName() + "\"");
    }

    /**
     * The plan with the topics that continue while the others are copied: those to which nothing has to be copied any more. Not before
     * the first seam: until then nothing is streamed but what a newer anchor needs.
     */
    private CopyPlan goingOn(CopyPlan plan, int generation, CopyPlan earlier, @Nullable AddedTables added) {
        StreamPosition stream = ledger.stream();
        if (stream == null) {
            return plan;
        }
        Set<String> topics = new HashSet<>();
        CopyPlan before = earlier.withLiveTopics(stream, this::topicOf);
        if (stream.seam() > 0 && settings.snapshot().mode() == SnapshotMode.INITIAL) {
            plan.relations().forEach(relation -> topics.add(topicOf(relation)));
            Set<Long> copied = CopyTally.copiedRelations(plan, ledger);
            plan.relations().stream()
                    .filter(relation -> !copied.contains(relation.oid()))
                    .forEach(relation -> topics.remove(topicOf(relation)));
            if (added != null) {
                // Also if they are empty: the stream has passed over changes of them that were committed after the
                // anchor.
                plan.relations().stream()
                        .filter(relation ->
                                added.oids().contains(relation.table().oid()))
                        .forEach(relation -> topics.remove(topicOf(relation)));
            }
        }
        return plan.goingOn(generation, topics, before, stream.caughtUp());
    }

    private String topicOf(PlannedRelation relation) {
        return settings.topics().topicFor(relation.table().id());
    }

    private boolean isCopied(PlannedRelation relation) {
        return CopyTally.copiedRelations(new CopyPlan(List.of(relation)), ledger)
                .contains(relation.oid());
    }

    /**
     * Takes out of the connector's own publication what is not captured any more; only once the ledger has a plan without it.
     */
    void trimPublication() throws SQLException {
        try (PgConnection session = sessions.open("publication")) {
            publication.trim(session);
        }
    }

    private CopyPlan plan(
            TableSelection selection,
            SnapshotHolder holder,
            int generation,
            CopyPlan earlier,
            @Nullable AddedTables added)
            throws SQLException {
        try (PgConnection session = sessions.open("plan")) {
            Catalog catalog = new Catalog(session, settings.capture()::messageKey);
            List<CapturedTable> tables = catalog.capturedTables(
                    settings.replication().publicationName(),
                    settings.capture()::includesTable,
                    settings.capture()::includesColumn,
                    selection::captures);
            if (tables.isEmpty()) {
                throw new ConnectException(
                        "Publication \"" + settings.replication().publicationName()
                                + "\" publishes no table that table.include.list selects: add tables to it, or correct the list");
            }
            ensureNoneLeft(selection, tables, earlier);
            selection.warnings().forEach(warning -> LOG.warn("There are {}", warning));
            Set<Long> madeInside = tables.stream()
                    .flatMap(table -> table.leaves().stream())
                    .filter(Leaf::madeInside)
                    .map(Leaf::oid)
                    .collect(Collectors.toSet());
            // Such a partition is copied after all if changes of it could not be sent.
            madeInside.removeAll(ledger.missed(madeInside).keySet());
            List<CapturedTable> present = atAnchor(tables, holder);
            CopyPlan whole = CopyPlan.of(
                    present,
                    ChunkSize.bytes(present, settings.snapshot().chunkBytes(), settings.tasksMax()),
                    catalog.blockSize(),
                    generation);
            if (added != null) {
                return whole.adding(earlier, added.oids(), relation -> madeInside.contains(relation.oid()));
            }
            CopyPlan now = whole.continuing(earlier, relation -> madeInside.contains(relation.oid()), this::isCopied);
            return settings.snapshot().mode() == SnapshotMode.NO_DATA ? now.withoutCopies() : now;
        }
    }

    /**
     * The connector's own publication has every table that it had before, or a session has taken one out since. A plan without it would
     * take it for one that is left out on purpose, and nothing would say which changes it missed (invariant I16).
     *
     * @throws SQLException if one is missing; another attempt publishes it again
     */
    private void ensureNoneLeft(TableSelection selection, List<CapturedTable> planned, CopyPlan earlier)
            throws SQLException {
        if (settings.replication().publicationMode() != PublicationMode.FILTERED || !isVersioned(earlier)) {
            return;
        }
        // By the relations that hold rows: whether partitions are published by their root is a setting.
        Set<Long> published = planned.stream()
                .flatMap(table -> table.leaves().stream())
                .map(Leaf::oid)
                .collect(Collectors.toSet());
        for (PlannedRelation relation : earlier.relations()) {
            if (selection.captures(relation.oid()) && !published.contains(relation.oid())) {
                throw new SQLException(
                        "Table " + relation.relation() + " left publication \""
                                + settings.replication().publicationName() + "\" while an anchor was opened",
                        PSQLState.SERIALIZATION_FAILURE.getState());
            }
        }
    }

    /**
     * As the snapshot sees them.
     *
     * <p>With the files of that time: a copy task finds that such a table has another one by now, and it is copied at a newer
     * anchor (invariant I10). And without what was not published at that time, as a partition that has been attached since: rows
     * that it got between the anchor and its attachment are neither in the snapshot nor in the stream. The next look for what is
     * not covered finds it.
     *
     * <p>The version of the publication is that of the snapshot, too: a change of it that comes later is found by every look,
     * whenever that is (invariant I16).
     */
    private List<CapturedTable> atAnchor(List<CapturedTable> tables, SnapshotHolder holder) throws SQLException {
        try (PgConnection session = sessions.open("plan")) {
            SnapshotHolder.importSnapshot(session, holder.snapshot());
            Map<Long, Long> filenodes = new RelationCatalog(session)
                    .filenodes(tables.stream()
                            .flatMap(table -> table.leaves().stream())
                            .map(Leaf::oid)
                            .toList());
            Set<Long> published =
                    new Publications(session).published(settings.replication().publicationName());
            PublicationVersions versions =
                    PublicationVersions.read(session, settings.replication().publicationName());
            return tables.stream()
                    .map(table -> table.publishedBy(versions))
                    .map(table -> table.withLeaves(table.leaves().stream()
                            .filter(leaf -> published.contains(leaf.oid()))
                            .map(leaf -> leaf.withFilenode(filenodes.getOrDefault(leaf.oid(), leaf.filenode()))
                                    .at(versions.placeOf(leaf.oid(), table.member())))
                            .toList()))
                    .toList();
        }
    }
}
