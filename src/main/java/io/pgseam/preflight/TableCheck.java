package io.pgseam.preflight;

import io.pgseam.config.CaptureFilter;
import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.LeafState;
import io.pgseam.pg.catalog.Relation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Whether the captured tables can be copied and streamed. Facts in, faults out. */
final class TableCheck {

    private static final String CTID = "ctid";

    private final CaptureFilter capture;
    private final String role;
    private final Consumer<Fault> faults;
    private final Consumer<String> warnings;

    TableCheck(CaptureFilter capture, String role, Consumer<Fault> faults, Consumer<String> warnings) {
        this.capture = capture;
        this.role = role;
        this.faults = faults;
        this.warnings = warnings;
    }

    /** What the lists select: at least one table, and nothing by its own name that cannot be captured. */
    void selection(Collection<Relation> relations, List<Relation> selected) {
        int before = selected.size();
        for (Relation relation : relations) {
            if (!relation.publishable() && capture.includesTable(relation.id()) && capture.spellsOut(relation.id())) {
                before++;
                report(CaptureFilter.TABLE_INCLUDE_LIST, relation.id().quoted() + " " + uncapturable(relation));
            }
        }
        if (before == 0) {
            report(
                    CaptureFilter.TABLE_INCLUDE_LIST,
                    "no table of the database is selected: correct table.include.list,"
                            + " table.exclude.list, schema.include.list and schema.exclude.list (expressions match the whole of"
                            + " schema.table), or create the tables first");
        }
    }

    private static String uncapturable(Relation relation) {
        if (relation.kind() == Relation.Kind.TABLE || relation.kind() == Relation.Kind.PARTITIONED_TABLE) {
            return "is unlogged, so its changes are not in the WAL: leave it out, or run ALTER TABLE "
                    + relation.id().quoted() + " SET LOGGED";
        }
        return "is " + relation.kind() + ", and has no changes of its own in the WAL: leave it out";
    }

    /**
     * The relations that rows are read from.
     *
     * @param byOid every relation of the database
     * @param viaRoot whether partitions are published as rows of their partitioned table
     * @param unpublished OIDs of the tables that the publication does not hold yet
     */
    void leaves(List<LeafState> leaves, Map<Long, Relation> byOid, boolean viaRoot, Set<Long> unpublished) {
        List<LeafState> unlogged =
                leaves.stream().filter(leaf -> !isLogged(leaf)).toList();
        if (!unlogged.isEmpty()) {
            report(
                    CaptureFilter.TABLE_INCLUDE_LIST,
                    "partitions that are unlogged or foreign tables have no changes in the"
                            + " WAL: " + list(unlogged, leaf -> leaf.id().quoted())
                            + ". Leave out what they belong to, or make them"
                            + " ordinary tables");
        }
        List<LeafState> ordinary = leaves.stream().filter(TableCheck::isLogged).toList();
        rights(ordinary, byOid);
        identities(ordinary, byOid, viaRoot, unpublished);
        keys(ordinary, byOid, viaRoot);
        messageKeys(ordinary, byOid, viaRoot);
    }

    /** Rows without a key can be sent, but not be replayed. */
    private void keys(List<LeafState> leaves, Map<Long, Relation> byOid, boolean viaRoot) {
        Set<TableId> keyless = new LinkedHashSet<>();
        for (LeafState leaf : leaves) {
            boolean asItself = leaf.isPartition() && !viaRoot && leaf.identity() != ReplicaIdentity.FULL;
            boolean hasKey = !leaf.tableKey().isEmpty()
                    || (asItself && !leaf.identityColumns().isEmpty());
            if (!hasKey && messageKey(leaf, byOid, viaRoot).isEmpty()) {
                keyless.add(leaf.id());
            }
        }
        if (!keyless.isEmpty()) {
            warnings.accept("tables without a key: " + list(keyless, TableId::quoted)
                    + ". Their messages have no key: they are spread over partitions, and cannot be replayed by key. Add a"
                    + " primary key, or set message.key.columns");
        }
    }

    private List<String> messageKey(LeafState leaf, Map<Long, Relation> byOid, boolean viaRoot) {
        Relation table = byOid.get(leaf.tableOid());
        List<String> own = viaRoot ? List.of() : capture.messageKey(leaf.id());
        return own.isEmpty() && table != null ? capture.messageKey(table.id()) : own;
    }

    /** Updates and deletes have to tell the old record key, which is more than the row's own key where a setting says so. */
    private void messageKeys(List<LeafState> leaves, Map<Long, Relation> byOid, boolean viaRoot) {
        List<String> faulty = new ArrayList<>();
        for (LeafState leaf : leaves) {
            List<String> lacking = messageKey(leaf, byOid, viaRoot).stream()
                    .filter(column -> !leaf.identityColumns().contains(column))
                    .toList();
            boolean refused = leaf.identity() == ReplicaIdentity.FULL
                    && leaf.identityColumns().isEmpty();
            if (!lacking.isEmpty() && !refused) {
                boolean noColumns = leaf.identity() == ReplicaIdentity.FULL;
                faulty.add(leaf.id().quoted() + " (" + list(lacking, column -> column) + ": "
                        + (noColumns ? "no such column" : "run " + full(leaf.id())) + ")");
            }
        }
        if (!faulty.isEmpty()) {
            report(
                    CaptureFilter.MESSAGE_KEY_COLUMNS,
                    "updates and deletes would not tell the old values of key columns that are not part of the"
                            + " replica identity: "
                            + list(faulty, text -> text));
        }
    }

    private static boolean isLogged(LeafState leaf) {
        return leaf.permanent() && leaf.kind() == Relation.Kind.TABLE;
    }

    private void rights(List<LeafState> leaves, Map<Long, Relation> byOid) {
        String to = " TO " + TableId.quoteIdentifier(role);
        Set<String> schemas = new LinkedHashSet<>();
        leaves.stream()
                .filter(leaf -> !leaf.schemaUsable())
                .forEach(leaf -> schemas.add(leaf.id().schema()));
        if (!schemas.isEmpty()) {
            report(
                    ConnectionDefinition.USER,
                    "role " + role + " has no USAGE on schemas of captured tables: run "
                            + list(
                                    schemas,
                                    schema -> "GRANT USAGE ON SCHEMA " + TableId.quoteIdentifier(schema) + to,
                                    "; "));
        }
        List<String> grants = new ArrayList<>();
        for (LeafState leaf : leaves) {
            List<String> columns = unreadable(leaf, byOid);
            if (!columns.isEmpty()) {
                grants.add("GRANT SELECT ON " + leaf.id().quoted() + to + " (unreadable: "
                        + list(columns, column -> column) + ")");
            }
        }
        if (!grants.isEmpty()) {
            report(
                    ConnectionDefinition.USER,
                    "role " + role + " has no SELECT on captured tables or columns: run "
                            + list(grants, grant -> grant, "; "));
        }
        List<LeafState> hidden = leaves.stream().filter(LeafState::rowSecurity).toList();
        if (!hidden.isEmpty()) {
            report(
                    ConnectionDefinition.USER,
                    "row level security hides rows of "
                            + list(hidden, leaf -> leaf.id().quoted())
                            + " from role " + role + ", and the copy would miss them: run ALTER ROLE "
                            + TableId.quoteIdentifier(role) + " BYPASSRLS, or leave these tables out");
        }
    }

    /** The captured columns that the role cannot read; {@code ctid} only where it is all that is lacking. */
    private List<String> unreadable(LeafState leaf, Map<Long, Relation> byOid) {
        if (leaf.readable()) {
            return List.of();
        }
        Relation table = byOid.get(leaf.tableOid());
        TableId name = table == null ? leaf.id() : table.id();
        List<String> columns = leaf.unreadableColumns().stream()
                .filter(column -> !column.equals(CTID))
                .filter(column -> leaf.tableKey().contains(column) || capture.includesColumn(name, column))
                .sorted()
                .toList();
        return columns.isEmpty() && leaf.unreadableColumns().contains(CTID)
                ? List.of("the system column ctid, which the copy reads by")
                : columns;
    }

    /**
     * Whether updates and deletes say which row they are about. Without it PostgreSQL refuses the application's own
     * UPDATEs and DELETEs from the moment that the table is published.
     */
    private void identities(List<LeafState> leaves, Map<Long, Relation> byOid, boolean viaRoot, Set<Long> unpublished) {
        identities(
                leaves.stream()
                        .filter(leaf -> unpublished.contains(leaf.tableOid()))
                        .toList(),
                CaptureFilter.TABLE_INCLUDE_LIST,
                "leave them out, or publish them yourself where nothing but INSERT is done to them");
        List<LeafState> published = leaves.stream()
                .filter(leaf -> leaf.identityColumns().isEmpty() && !unpublished.contains(leaf.tableOid()))
                .toList();
        if (!published.isEmpty()) {
            warnings.accept("tables that are published without a replica identity: "
                    + list(published, leaf -> leaf.id().quoted() + " (" + why(leaf) + ")")
                    + ". PostgreSQL refuses UPDATE and DELETE on them");
        }
        if (!viaRoot) {
            return;
        }
        Set<TableId> partial = new LinkedHashSet<>();
        Set<TableId> notFull = new LinkedHashSet<>();
        for (LeafState leaf : leaves) {
            if (!leaf.isPartition() || leaf.identityColumns().isEmpty() || leaf.identifiesRowsOfTable()) {
                continue;
            }
            partial.add(leaf.id());
            if (leaf.identity() != ReplicaIdentity.FULL) {
                notFull.add(leaf.id());
            }
            Relation table = byOid.get(leaf.tableOid());
            if (leaf.tableKey().isEmpty() && leaf.tableIdentity() != ReplicaIdentity.FULL && table != null) {
                notFull.add(table.id());
            }
        }
        if (!partial.isEmpty()) {
            report(
                    CaptureFilter.TABLE_INCLUDE_LIST,
                    "partitions whose updates and deletes do not tell the key of their partitioned table, as which they are"
                            + " published, or where that is REPLICA IDENTITY FULL or has no key, the whole row: "
                            + list(partial, TableId::quoted)
                            + ". Run " + list(notFull, TableCheck::full, "; "));
        }
    }

    /** The same for tables that are not captured, where the connector would publish all tables. */
    void uncapturedIdentities(List<LeafState> leaves) {
        identities(
                leaves, ReplicationSettings.PUBLICATION_AUTOCREATE_MODE, "set publication.autocreate.mode to filtered");
    }

    private void identities(List<LeafState> leaves, String setting, String wayOut) {
        List<LeafState> without =
                leaves.stream().filter(leaf -> leaf.identityColumns().isEmpty()).toList();
        if (!without.isEmpty()) {
            report(
                    setting,
                    "tables without a replica identity: "
                            + list(without, leaf -> leaf.id().quoted() + " (" + why(leaf) + ")")
                            + ". Once they are published, PostgreSQL refuses the application's UPDATE and DELETE on them. Add a"
                            + " primary key, or run " + list(without, TableCheck::mended, "; ") + ", or "
                            + wayOut);
        }
    }

    private static String why(LeafState leaf) {
        return switch (leaf.identity()) {
            case DEFAULT -> "no primary key";
            case NOTHING -> "REPLICA IDENTITY NOTHING";
            case INDEX -> "the index of its REPLICA IDENTITY was dropped";
            case FULL ->
                "a generated column, which PostgreSQL 18 and later refuse with REPLICA IDENTITY FULL unless it is published";
        };
    }

    private static String mended(LeafState leaf) {
        return leaf.identity() == ReplicaIdentity.FULL
                ? "ALTER TABLE " + leaf.id().quoted() + " REPLICA IDENTITY " + ReplicaIdentity.DEFAULT
                : full(leaf.id());
    }

    private static String full(TableId table) {
        return "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY " + ReplicaIdentity.FULL;
    }

    private static <T> String list(Collection<T> things, Function<T, String> text) {
        return NameList.of(things, text, ", ");
    }

    private static <T> String list(Collection<T> things, Function<T, String> text, String separator) {
        return NameList.of(things, text, separator);
    }

    private void report(String setting, String message) {
        faults.accept(new Fault(setting, message));
    }
}
