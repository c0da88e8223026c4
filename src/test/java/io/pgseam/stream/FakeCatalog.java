package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CompositeTypes;
import io.pgseam.pg.catalog.GoneTables;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTable.Attribute;
import io.pgseam.pg.catalog.PresentTables;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.phase.TableShape;
import io.pgseam.phase.TableShape.ShapeColumn;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A catalogue that a test fills. */
final class FakeCatalog implements SourceCatalog {

    static final PgType INT8 = builtIn(20, "int8");
    static final PgType TEXT = builtIn(25, "text");

    private static final PlannedTable.PlannedColumn KEY =
            new PlannedTable.PlannedColumn("id", INT8.oid(), -1, true, 1, true);

    private final Map<Long, PresentTable> tables = new HashMap<>();
    private final Map<Long, PresentTable> invisible = new HashMap<>();
    private final Map<Long, ShapeHistory> ledger = new HashMap<>();
    private final Map<TableId, List<String>> messageKeys = new HashMap<>();
    private final List<PlannedRelation> planned = new ArrayList<>();
    private final Map<Long, Integer> missed = new HashMap<>();
    private final Set<Long> droppedTypes = new HashSet<>();
    private final Set<String> excludedColumns = new HashSet<>();
    private Set<String> leftOut = Set.of();
    private List<Partition> partitions = List.of();
    private List<CompositeTypes.CompositeType> composites = List.of();
    private Lsn walEnd = Lsn.NONE;
    private int looks;
    private int looked;
    private String snapshot = "1000000:1000000:";

    private static PgType builtIn(long oid, String name) {
        return new PgType(oid, "pg_catalog", name, PgType.Kind.BASE, null, -1, ',');
    }

    /** A table of the schema public whose first column is its key. */
    void put(long oid, String name, String... columns) {
        put(oid, name, ReplicaIdentity.DEFAULT, List.of(columns[0]), columns);
    }

    /** A table of the schema public whose row key is its first column, and whose messages are keyed by another one. */
    void putKeyedBy(long oid, String name, String key, String... columns) {
        put(oid, name, columns);
        messageKeys.put(new TableId("public", name), List.of(key));
    }

    /** A table of the schema public without any key. */
    void putWithoutKey(long oid, String name, String... columns) {
        put(oid, name, ReplicaIdentity.NOTHING, List.of(), columns);
    }

    /**
     * A table of the schema public. The first column is an int8, those after it text; {@code null} for a dropped one. Those whose
     * name begins with "generated" are.
     */
    void put(long oid, String name, ReplicaIdentity identity, List<String> key, String... columns) {
        PresentTable table = table(oid, name, identity, key, columns);
        tables.put(oid, table);
        ledger.computeIfAbsent(oid, unused -> copied(table));
    }

    /** From here on the stream may pass over tables, as those that the plan has. */
    void putIntoPlan(long oid, String name) {
        TableId id = new TableId("public", name);
        planned.add(new PlannedRelation(
                new PlannedTable(oid, id, ReplicaIdentity.DEFAULT, List.of(KEY), null, oid, "1.1"),
                id,
                oid,
                oid,
                1,
                8192,
                1,
                1,
                false));
    }

    @Override
    public Optional<String> fault(long oid, Collection<String> captured, RowCondition condition) {
        return Optional.empty();
    }

    /** What {@link #putIntoPlan} has put into it. */
    CopyPlan plan() {
        return new CopyPlan(planned);
    }

    /** The stream is told that these tables miss changes. */
    void putMissed(long oid, int generation) {
        missed.put(oid, generation);
    }

    MissedTables missedTables(ControlRecords control) {
        return new MissedTables("shop", 1, new CopyPlan(planned), this::missed, control);
    }

    private Map<Long, Integer> missed(Collection<Long> oids) {
        Map<Long, Integer> found = new HashMap<>(missed);
        found.keySet().retainAll(oids);
        return found;
    }

    /** What the copy leaves of a table in the ledger. */
    private static ShapeHistory copied(PresentTable table) {
        List<ShapeColumn> columns = table.attributes().stream()
                .filter(attribute -> !attribute.dropped())
                .map(attribute -> new ShapeColumn(
                        attribute.name(),
                        attribute.typeOid(),
                        -1,
                        attribute.typeOid() == INT8.oid() ? "int8" : "text",
                        attribute.notNull()))
                .toList();
        return ShapeHistory.EMPTY.with(
                new ShapeHistory.Version(
                        ChangeId.startOf(Lsn.NONE),
                        0,
                        true,
                        new TableShape(table.id(), table.replicaIdentity(), columns, table.key())),
                Lsn.NONE);
    }

    /** The same, for when the transaction at hand is visible. */
    void putInvisible(long oid, String name, ReplicaIdentity identity, List<String> key, String... columns) {
        invisible.put(oid, table(oid, name, identity, key, columns));
    }

    static PresentTable table(long oid, String name, ReplicaIdentity identity, List<String> key, String... columns) {
        List<Attribute> attributes = new ArrayList<>();
        for (String column : columns) {
            int number = attributes.size() + 1;
            boolean dropped = column == null;
            attributes.add(new Attribute(
                    number,
                    dropped ? "........pg.dropped." + number + "........" : column,
                    dropped,
                    number == 1 ? INT8.oid() : TEXT.oid(),
                    -1,
                    number == 1,
                    key.indexOf(column) + 1,
                    !dropped && column.startsWith("generated"),
                    null,
                    null));
        }
        return new PresentTable(oid, new TableId("public", name), identity, List.of(), attributes);
    }

    /** Forgets the table, as the server does that drops it. */
    void drop(long oid) {
        tables.remove(oid);
    }

    void exclude(String column) {
        excludedColumns.add(column);
    }

    /** The tables that the lists leave out from now on. */
    void leaveOut(Set<String> tables) {
        leftOut = Set.copyOf(tables);
    }

    /** What there is of partitions from now on. */
    void setPartitions(Partition... present) {
        partitions = List.of(present);
    }

    @Override
    public PublicationVersions published(String publication) {
        return PublicationVersions.NONE;
    }

    @Override
    public SourceCatalog another() {
        return this;
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    /** How often a table was asked for. */
    int looks() {
        return looks;
    }

    /** At how many tables, in all looks at some of them. */
    int looked() {
        return looked;
    }

    /** The ledger that a stream on this catalogue reads and writes. */
    Map<Long, ShapeHistory> ledger() {
        return ledger;
    }

    void dropType(long oid) {
        droppedTypes.add(oid);
    }

    @Override
    public Optional<PresentTable> table(long oid) {
        looks++;
        return Optional.ofNullable(tables.get(oid));
    }

    /** Shows every transaction: one that a test wants to be invisible shows by what its table is. */
    @Override
    public PresentTables tables(Collection<Long> oids) {
        looks++;
        looked += oids.size();
        Map<Long, PresentTable> found = new HashMap<>(tables);
        found.keySet().retainAll(oids);
        return PresentTables.of(snapshot, found);
    }

    /** The next looks show the transactions before this one. */
    void showTransactionsBefore(long xid) {
        snapshot = xid + ":" + xid + ":";
    }

    /** The transaction at hand has become visible, and with it what it did. */
    void awaitVisible(long xid) {
        tables.putAll(invisible);
        invisible.clear();
    }

    @Override
    public List<String> messageKey(TableId table) {
        return messageKeys.getOrDefault(table, List.of());
    }

    @Override
    public boolean isCopying() {
        return false;
    }

    @Override
    public boolean includes(TableId table) {
        return !table.name().startsWith("other") && !leftOut.contains(table.name());
    }

    @Override
    public boolean includes(TableId table, String column) {
        return !excludedColumns.contains(column);
    }

    @Override
    public GoneTables gone(Collection<Long> oids) {
        return new GoneTables(
                walEnd, oids.stream().filter(oid -> !tables.containsKey(oid)).collect(Collectors.toSet()));
    }

    /** Where the WAL ends from now on. */
    void setWalEnd(Lsn lsn) {
        walEnd = lsn;
    }

    @Override
    public boolean exists(TableId table) {
        return tables.values().stream().anyMatch(present -> present.id().equals(table));
    }

    @Override
    public CompositeTypes composites(Collection<Long> oids) {
        return new CompositeTypes(
                walEnd,
                composites.stream().filter(type -> oids.contains(type.oid())).toList());
    }

    /** What composite types there are from now on. */
    void setComposites(CompositeTypes.CompositeType... present) {
        composites = List.of(present);
    }

    @Override
    public Optional<PgType> type(long oid) {
        return droppedTypes.contains(oid) ? Optional.empty() : Optional.of(oid == INT8.oid() ? INT8 : TEXT);
    }
}
