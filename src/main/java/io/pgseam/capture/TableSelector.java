package io.pgseam.capture;

import io.pgseam.capture.FitnessRules.Membership;
import io.pgseam.capture.FitnessRules.Problem;
import io.pgseam.config.Fault;
import io.pgseam.config.OutputFormat;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tables are captured. The same rules hold for validation, for the first start and for every later look: nothing
 * is published, altered or stopped for a table that they set aside (invariant I14).
 *
 * <p>A table that is covered already stays captured, whatever becomes of it, as long as its changes can be streamed. If PostgreSQL
 * refuses the application's changes only because the connector publishes the table, it is withdrawn.
 */
public final class TableSelector {

    private static final List<String> NONE_RESERVED = List.of();

    private final PgSeamSettings settings;

    public TableSelector(PgSeamSettings settings) {
        this.settings = settings;
    }

    /**
     * Looks at the catalogue. Takes no lock on any table.
     *
     * @param covered the plan whose tables are copied, and streamed ever since
     * @throws SQLException if the catalogue cannot be read
     */
    public TableSelection select(Connection session, CopyPlan covered) throws SQLException {
        return select(session, covered, Set.of());
    }

    /**
     * Selects as above, if rows of the plan are still to be copied.
     *
     * @param unread OIDs of those relations of the plan of which rows are still to be copied: they have to be readable
     */
    public TableSelection select(Connection session, CopyPlan covered, Set<Long> unread) throws SQLException {
        return new Look(session, covered, unread).selection();
    }

    /** One look. */
    private final class Look {

        private final Connection session;
        private final CopyPlan plan;
        private final Set<Long> covered = new HashSet<>();
        private final Set<Long> unread;
        private final Set<Long> missing;
        private final String role;
        private final Map<Long, Relation> all;
        private final Memberships memberships;
        private final boolean viaRoot;
        private final FitnessRules rules;
        private final MaskRules masks;
        private final Map<Long, List<LeafState>> leaves = new HashMap<>();

        private final Map<Long, Relation> captured = new LinkedHashMap<>();
        private final Map<Long, SetAside> setAside = new LinkedHashMap<>();
        private final Set<Long> leftOut = new HashSet<>();
        private final List<Relation> withdrawn = new ArrayList<>();
        private final Set<String> refusing = new TreeSet<>();
        private final Set<TableId> keyless = new TreeSet<>();

        Look(Connection session, CopyPlan plan, Set<Long> unread) throws SQLException {
            this.session = session;
            this.plan = plan;
            this.unread = unread;
            this.missing = plan.missingChanges();
            plan.relations().forEach(relation -> covered.add(relation.oid()));
            role = role();
            RelationCatalog catalog = new RelationCatalog(session);
            all = catalog.relations();
            memberships = new Memberships(session, settings.replication(), role, all);
            viaRoot = memberships.viaRoot();
            rules = new FitnessRules(
                    settings.capture(), role, session.getMetaData().getDatabaseMajorVersion(), viaRoot);
            List<Relation> selected = Catalog.topmost(all, settings.capture()::includesTable);
            Publication publication = memberships.publication();
            RelationCatalog.Publishing publishing = new RelationCatalog.Publishing(
                    publication == null ? 0 : publication.oid(),
                    viaRoot,
                    publication != null && publication.generatedColumns());
            List<LeafState> states =
                    catalog.leafStates(selected.stream().map(Relation::oid).toList(), publishing, reserved());
            masks = MaskRules.read(settings.masks(), settings.capture(), viaRoot, session, states);
            for (LeafState leaf : states) {
                leaves.computeIfAbsent(leaf.tableOid(), unused -> new ArrayList<>())
                        .add(leaf);
            }
            Set<Long> oids = selected.stream().map(Relation::oid).collect(Collectors.toSet());
            selected.forEach(table -> examine(table, oids));
            all.values().forEach(this::examineKind);
        }

        private String role() throws SQLException {
            try (Statement statement = session.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT current_user")) {
                rows.next();
                return rows.getString(1);
            }
        }

        private Collection<String> reserved() {
            return settings.output().format() == OutputFormat.FLAT
                    ? settings.output().metadataFields()
                    : NONE_RESERVED;
        }

        TableSelection selection() {
            dropWithoutTopic();
            dropBeyondLimit();
            Map<Long, Long> relations = new HashMap<>();
            for (Relation relation : all.values()) {
                Long top = captured.containsKey(relation.oid())
                        ? Long.valueOf(relation.oid())
                        : relation.ancestors().stream()
                                .filter(captured::containsKey)
                                .findFirst()
                                .orElse(null);
                if (top != null && !leftOut.contains(relation.oid())) {
                    relations.put(relation.oid(), top);
                }
            }
            return new TableSelection(
                    List.copyOf(captured.values()),
                    relations,
                    captured.keySet().stream().filter(oid -> !isCovered(oid)).collect(Collectors.toSet()),
                    setAside.values().stream()
                            .sorted(Comparator.comparing(SetAside::table))
                            .toList(),
                    withdrawn,
                    warnings());
        }

        private List<LeafState> leavesOf(long table) {
            return leaves.getOrDefault(table, List.of());
        }

        private boolean isCovered(long table) {
            return leavesOf(table).stream().anyMatch(leaf -> covered.contains(leaf.oid()));
        }

        /** A table that the lists select and no publication can hold. Views and the like are passed over, unless spelled out. */
        private void examineKind(Relation relation) {
            boolean isTable = relation.kind() == Relation.Kind.TABLE
                    || relation.kind() == Relation.Kind.PARTITIONED_TABLE
                    || relation.kind() == Relation.Kind.FOREIGN_TABLE;
            if (relation.publishable()
                    || !relation.ancestors().isEmpty()
                    || !settings.capture().includesTable(relation.id())
                    || !(isTable || settings.capture().spellsOut(relation.id()))) {
                return;
            }
            setAside(relation.oid(), relation.id(), FitnessRules.notLogged(relation.id(), relation.kind()));
        }

        private void examine(Relation table, Set<Long> selected) {
            Membership membership = memberships.of(table, leavesOf(table.oid()));
            if (membership == null) {
                setAside(table.oid(), table.id(), memberships.notPublished(table));
                return;
            }
            if (isCovered(table.oid())) {
                examineCovered(table, membership, selected);
                return;
            }
            Problem problem = membership == Membership.TO_BE_ADDED ? memberships.adding(table) : null;
            for (LeafState leaf : leavesOf(table.oid())) {
                if (problem == null && memberships.publishes(leaf, table)) {
                    problem = problem(leaf, table, membership, selected);
                }
            }
            if (problem == null) {
                capture(table, membership);
                return;
            }
            setAside(table.oid(), table.id(), problem);
            if (membership == Membership.OURS && problem.reason() == Unfitness.NO_REPLICA_IDENTITY) {
                withdraw(table);
            }
        }

        private @Nullable Problem problem(LeafState leaf, Relation table, Membership membership, Set<Long> selected) {
            Problem problem = rules.streaming(leaf, table.id(), membership, selected::contains);
            problem = problem == null ? rules.columns(leaf, table.id()) : problem;
            problem = problem == null ? masking(leaf, table) : problem;
            return problem == null ? rules.copying(leaf, table.id()) : problem;
        }

        private @Nullable Problem masking(LeafState leaf, Relation table) {
            Relation relation = all.get(leaf.oid());
            List<TableId> above = relation == null
                    ? List.of()
                    : relation.ancestors().stream()
                            .map(all::get)
                            .filter(Objects::nonNull)
                            .map(Relation::id)
                            .toList();
            return masks.problem(leaf, table.id(), above, rules.messageKey(leaf, table.id()));
        }

        /**
         * It stays as it is, unless it has lost its key, or rows of it that are still to be copied cannot be read. If changes of it could
         * not be sent, it has to be fit like a table that is captured for the first time. Only a partition of which rows are to be copied is
         * set aside by itself, if it cannot be.
         */
        private void examineCovered(Relation table, Membership membership, Set<Long> selected) {
            for (LeafState leaf : leavesOf(table.oid())) {
                Problem problem = missing.contains(leaf.oid())
                        ? problem(leaf, table, membership, selected)
                        : rules.lostKey(leaf, membership);
                if (problem == null && leaf.oid() == table.oid() && unread.contains(leaf.oid())) {
                    problem = rules.copying(leaf, table.id());
                }
                if (problem != null) {
                    setAside(table.oid(), table.id(), problem);
                    if (problem.reason() == Unfitness.NO_REPLICA_IDENTITY) {
                        withdraw(table);
                    }
                    return;
                }
            }
            capture(table, membership);
            for (LeafState leaf : leavesOf(table.oid())) {
                boolean isToBeRead = !covered.contains(leaf.oid()) || unread.contains(leaf.oid());
                Problem problem = isToBeRead ? rules.copying(leaf, table.id()) : null;
                if (problem == null && !covered.contains(leaf.oid())) {
                    problem = rules.columns(leaf, table.id());
                    problem = problem == null ? masking(leaf, table) : problem;
                }
                if (problem != null) {
                    leftOut.add(leaf.oid());
                    setAside(leaf.oid(), leaf.id(), problem);
                }
            }
        }

        private void capture(Relation table, Membership membership) {
            captured.put(table.oid(), table);
            for (LeafState leaf : leavesOf(table.oid())) {
                if (!memberships.publishes(leaf, table)) {
                    leftOut.add(leaf.oid());
                    continue;
                }
                if (rules.refusesChanges(leaf) && membership == Membership.THEIRS) {
                    refusing.add(
                            leaf.id().quoted() + " (" + rules.noIdentity(leaf).detail() + ")");
                }
                if (leaf.recordKey(viaRoot).isEmpty()
                        && rules.messageKey(leaf, table.id()).isEmpty()) {
                    keyless.add(viaRoot ? table.id() : leaf.id());
                }
            }
        }

        private void withdraw(Relation table) {
            if (memberships.names(table)) {
                withdrawn.add(table);
            }
        }

        /** Those that are covered have their topics, then those that the list spells out. */
        private void dropWithoutTopic() {
            Set<TableId> owners =
                    plan.tables().stream().map(PlannedTable::id).collect(Collectors.toCollection(TreeSet::new));
            for (boolean spelledOut : new boolean[] {true, false}) {
                Map<TableId, Long> candidates = new LinkedHashMap<>();
                for (Relation table : captured.values()) {
                    boolean covered = isCovered(table.oid());
                    if (covered || settings.capture().spellsOut(table.id()) == spelledOut) {
                        published(table).forEach(id -> candidates.put(id, table.oid()));
                    }
                }
                Map<TableId, Fault> conflicts = settings.topics().conflicts(owners, candidates.keySet());
                conflicts.forEach((id, fault) -> {
                    Relation table = captured.get(candidates.getOrDefault(id, 0L));
                    if (table == null) {
                        return;
                    }
                    Problem problem = new Problem(
                            Unfitness.TOPIC, fault.setting(), fault.message(), "give it a topic of its own");
                    // A covered table keeps its topic, unless it was renamed or a setting has taken the topic.
                    List<LeafState> added = leavesOf(table.oid()).stream()
                            .filter(leaf -> leaf.id().equals(id) && !covered.contains(leaf.oid()))
                            .toList();
                    if (isCovered(table.oid()) && !added.isEmpty()) {
                        added.forEach(leaf -> {
                            leftOut.add(leaf.oid());
                            setAside(leaf.oid(), id, problem);
                        });
                    } else {
                        captured.remove(table.oid());
                        setAside(table.oid(), table.id(), problem);
                    }
                });
                owners.addAll(candidates.keySet());
                owners.removeAll(conflicts.keySet());
            }
        }

        private List<TableId> published(Relation table) {
            return viaRoot
                    ? List.of(table.id())
                    : leavesOf(table.oid()).stream()
                            .filter(leaf -> !leftOut.contains(leaf.oid()))
                            .map(LeafState::id)
                            .toList();
        }

        private void dropBeyondLimit() {
            long most = settings.capture().mostTables();
            long count = plan.relations().stream()
                    .map(PlannedRelation::oid)
                    .filter(all::containsKey)
                    .count();
            for (Relation table : List.copyOf(captured.values())) {
                if (isCovered(table.oid())) {
                    continue;
                }
                count += Math.max(1, leavesOf(table.oid()).size());
                if (count > most) {
                    count -= Math.max(1, leavesOf(table.oid()).size());
                    captured.remove(table.oid());
                    setAside(
                            table.oid(),
                            table.id(),
                            new Problem(
                                    Unfitness.TOO_MANY,
                                    "tables.max is " + most,
                                    "raise tables.max, or leave other tables out"));
                }
            }
        }

        private void setAside(long oid, TableId table, Problem problem) {
            boolean spelledOut = problem.reason() == Unfitness.MESSAGE_KEY
                    ? settings.capture().spellsOutKey(table)
                    : settings.capture().spellsOut(table);
            setAside.put(
                    oid,
                    new SetAside(
                            oid,
                            table,
                            spelledOut,
                            problem.reason(),
                            problem.setting(),
                            problem.detail(),
                            problem.remedy()));
        }

        private List<String> warnings() {
            List<String> warnings = new ArrayList<>();
            if (!refusing.isEmpty()) {
                warnings.add("tables that are published without a replica identity: "
                        + NameList.of(refusing, text -> text, ", ") + ". PostgreSQL refuses UPDATE and DELETE on them");
            }
            keyless.retainAll(captured.values().stream()
                    .flatMap(table -> published(table).stream())
                    .collect(Collectors.toSet()));
            if (!keyless.isEmpty()) {
                warnings.add("tables without a key: " + NameList.of(keyless)
                        + ". Their messages have no key: they are spread over partitions, and cannot be replayed by key. Add a"
                        + " primary key, or set message.key.columns");
            }
            return warnings;
        }
    }
}
