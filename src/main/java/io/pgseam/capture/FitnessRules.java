package io.pgseam.capture;

import io.pgseam.config.CaptureFilter;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RowIdentity.KeyIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds what is wrong with one table, or with one relation that holds rows of a table. Facts in, problems out. */
final class FitnessRules {

    private static final String CTID = "ctid";

    /**
     * A problem.
     *
     * @param setting the setting at which validation reports it
     * @param detail what exactly is wrong
     * @param remedy what to do, as an imperative
     */
    record Problem(Unfitness reason, String setting, String detail, String remedy) {

        Problem(Unfitness reason, String detail, String remedy) {
            this(reason, reason.setting(), detail, remedy);
        }
    }

    /** How a table is published. */
    enum Membership {
        /** The connector is going to add it to the publication. */
        TO_BE_ADDED,
        /** The connector's own publication holds it. */
        OURS,
        /** A publication that the connector did not make holds it, or one of all tables. */
        THEIRS
    }

    private final CaptureFilter capture;
    private final String role;
    private final int serverVersion;
    private final boolean viaRoot;

    /**
     * @param role name of the connector's role
     * @param serverVersion major version
     * @param viaRoot whether partitions are published as rows of their partitioned table
     */
    FitnessRules(CaptureFilter capture, String role, int serverVersion, boolean viaRoot) {
        this.capture = capture;
        this.role = role;
        this.serverVersion = serverVersion;
        this.viaRoot = viaRoot;
    }

    /** Why no row of a relation can be copied; null if they can be. */
    @Nullable
    Problem copying(LeafState leaf, TableId table) {
        if (!leaf.isLogged()) {
            return notLogged(leaf.id(), leaf.kind());
        }
        String to = " TO " + TableId.quoteIdentifier(role);
        if (!leaf.schemaUsable()) {
            String schema = TableId.quoteIdentifier(leaf.id().schema());
            return new Problem(
                    Unfitness.NO_PRIVILEGE, "no USAGE on schema " + schema, "run GRANT USAGE ON SCHEMA " + schema + to);
        }
        List<String> unreadable = unreadable(leaf, table);
        if (!unreadable.isEmpty()) {
            return new Problem(
                    Unfitness.NO_PRIVILEGE,
                    "unreadable: " + String.join(", ", unreadable),
                    "run GRANT SELECT ON " + leaf.id().quoted() + to);
        }
        if (leaf.rowSecurity()) {
            return new Problem(
                    Unfitness.ROW_SECURITY,
                    "policies apply to role " + role,
                    "run ALTER ROLE " + TableId.quoteIdentifier(role) + " BYPASSRLS");
        }
        return null;
    }

    static Problem notLogged(TableId table, Relation.Kind kind) {
        return kind == Relation.Kind.TABLE || kind == Relation.Kind.PARTITIONED_TABLE
                ? new Problem(Unfitness.NOT_LOGGED, "is unlogged", "run ALTER TABLE " + table.quoted() + " SET LOGGED")
                : new Problem(Unfitness.NOT_LOGGED, "is " + kind, "select the tables that it reads instead");
    }

    /** The captured columns that the role cannot read; {@code ctid} only if it is all that is lacking. */
    private List<String> unreadable(LeafState leaf, TableId table) {
        if (leaf.readable()) {
            return List.of();
        }
        Set<String> key = new TreeSet<>(leaf.recordKey(viaRoot));
        key.addAll(messageKey(leaf, table));
        List<String> columns = leaf.unreadableColumns().stream()
                .filter(column -> !column.equals(CTID))
                .filter(column -> !leaf.unpublished().contains(column))
                .filter(column -> key.contains(column) || capture.includesColumn(table, column))
                .sorted()
                .toList();
        return columns.isEmpty() && leaf.unreadableColumns().contains(CTID)
                ? List.of("the system column ctid, which the copy reads by")
                : columns;
    }

    /** Why changes of a relation cannot be streamed, or must not be published; null if they can be. */
    @Nullable
    Problem streaming(LeafState leaf, TableId table, Membership membership, Predicate<Long> selected) {
        if (leaf.publishedColumns() == 0) {
            return new Problem(
                    Unfitness.NO_COLUMNS, leaf.id().quoted() + " has none that are published", "add a column");
        }
        boolean childrenAreMissing =
                !leaf.isPartition() && !leaf.children().stream().allMatch(selected);
        if (childrenAreMissing) {
            return new Problem(
                    Unfitness.ROWS_IN_CHILDREN,
                    leaf.children().size() + " tables inherit from it, such as the chunks of a hypertable",
                    "select them, too: each is captured as a table of its own, and topic.mapping can give them one topic."
                            + " SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '"
                            + leaf.id().quoted()
                            + "'::regclass gives their names");
        }
        if (refusesChanges(leaf)) {
            return membership == Membership.THEIRS ? null : noIdentity(leaf);
        }
        Problem incomplete = incompleteKey(leaf);
        if (incomplete != null) {
            return incomplete;
        }
        if (viaRoot && leaf.isPartition() && !leaf.identifiesRowsOfTable()) {
            return partitionIdentity(leaf, table);
        }
        return withMessageKey(leaf, table);
    }

    /** Why a captured relation cannot be captured any longer: its key has become unusable; null if it is usable. */
    @Nullable
    Problem lostKey(LeafState leaf, Membership membership) {
        if (refusesChanges(leaf)) {
            return membership == Membership.THEIRS ? null : noIdentity(leaf);
        }
        return incompleteKey(leaf);
    }

    private static @Nullable Problem incompleteKey(LeafState leaf) {
        return leaf.unpublishedKey().isEmpty()
                ? null
                : new Problem(
                        Unfitness.INCOMPLETE_KEY,
                        leaf.id().quoted() + ": " + String.join(", ", leaf.unpublishedKey())
                                + " of its replica identity",
                        "run " + full(leaf.id()) + ", or give it a key without generated columns");
    }

    /** Whether PostgreSQL refuses UPDATE and DELETE on the relation while it is published. */
    boolean refusesChanges(LeafState leaf) {
        return leaf.isLogged() && leaf.refusesChanges(serverVersion);
    }

    Problem noIdentity(LeafState leaf) {
        return new Problem(
                Unfitness.NO_REPLICA_IDENTITY,
                (leaf.isPartition() ? leaf.id().quoted() + ": " : "") + whyNoIdentity(leaf),
                identityRemedy(leaf));
    }

    private static String whyNoIdentity(LeafState leaf) {
        if (leaf.identity().kind() == ReplicaIdentity.FULL) {
            return leaf.columnList()
                    ? "a column list of the publication, which PostgreSQL refuses with REPLICA IDENTITY FULL"
                    : "a generated column, which PostgreSQL 18 and later refuse with REPLICA IDENTITY FULL unless it is published";
        }
        if (!leaf.unpublishedKey().isEmpty()) {
            return "the publication does not publish " + String.join(", ", leaf.unpublishedKey())
                    + " of its replica identity";
        }
        return switch (leaf.identity().kind()) {
            case NOTHING -> "REPLICA IDENTITY NOTHING";
            case INDEX ->
                switch (leaf.identity().index()) {
                    case DEFERRABLE -> "the constraint of its REPLICA IDENTITY is DEFERRABLE";
                    case INVALID -> "the index of its REPLICA IDENTITY is invalid";
                    case ABSENT, USABLE -> "the index of its REPLICA IDENTITY was dropped";
                };
            case DEFAULT, FULL ->
                switch (leaf.identity().index()) {
                    case DEFERRABLE -> "its primary key is DEFERRABLE";
                    case INVALID -> "the index of its primary key is invalid";
                    case ABSENT, USABLE -> "no primary key";
                };
        };
    }

    private static String identityRemedy(LeafState leaf) {
        String table = "ALTER TABLE " + leaf.id().quoted();
        if (leaf.columnList()) {
            return "add the columns of its replica identity to the publication's column list";
        }
        if (leaf.identity().kind() == ReplicaIdentity.FULL) {
            return leaf.identity().index() == KeyIndex.USABLE
                    ? "run " + table + " REPLICA IDENTITY DEFAULT"
                    : "add a primary key, and run " + table + " REPLICA IDENTITY DEFAULT";
        }
        return leaf.unpublishedKey().isEmpty()
                ? "add a primary key, or run " + full(leaf.id())
                : "run " + table + " REPLICA IDENTITY USING INDEX with a unique index without generated columns";
    }

    private static Problem partitionIdentity(LeafState leaf, TableId table) {
        List<TableId> notFull = new ArrayList<>();
        if (leaf.identity().kind() != ReplicaIdentity.FULL) {
            notFull.add(leaf.id());
        }
        if (leaf.recordKey(true).isEmpty() && leaf.tableIdentity().kind() != ReplicaIdentity.FULL) {
            notFull.add(table);
        }
        return new Problem(
                Unfitness.PARTITION_IDENTITY,
                leaf.id().quoted(),
                "run "
                        + String.join(
                                "; ", notFull.stream().map(FitnessRules::full).toList()));
    }

    private @Nullable Problem withMessageKey(LeafState leaf, TableId table) {
        Set<String> told = leaf.toldColumns();
        List<String> lacking = messageKey(leaf, table).stream()
                .filter(column -> !told.contains(column))
                .toList();
        if (lacking.isEmpty()) {
            return null;
        }
        return new Problem(
                Unfitness.MESSAGE_KEY,
                String.join(", ", lacking),
                leaf.identity().kind() == ReplicaIdentity.FULL
                        ? "correct message.key.columns: there is no such column, or it is not published"
                        : "run " + full(leaf.id()) + ", or correct message.key.columns");
    }

    /** Names of the columns that a setting makes the key, by the relation's own name first; empty if its own key is. */
    List<String> messageKey(LeafState leaf, TableId table) {
        List<String> own = viaRoot ? List.of() : capture.messageKey(leaf.id());
        return own.isEmpty() ? capture.messageKey(table) : own;
    }

    /** Why messages cannot have the relation's columns; null if they can. */
    @Nullable
    Problem columns(LeafState leaf, TableId table) {
        Collection<String> key = leaf.recordKey(viaRoot);
        List<String> reserved = leaf.reserved().stream()
                .filter(column -> !leaf.unpublished().contains(column))
                .filter(column -> key.contains(column) || capture.includesColumn(table, column))
                .sorted()
                .toList();
        return reserved.isEmpty()
                ? null
                : new Problem(
                        Unfitness.RESERVED_COLUMN,
                        String.join(", ", reserved),
                        "rename the column, leave it out with column.exclude.list, or leave the field out of"
                                + " flat.metadata.fields");
    }

    private static String full(TableId table) {
        return "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY " + ReplicaIdentity.FULL;
    }
}
