package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Partition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A catalogue that a test fills. */
final class FakeCatalog implements SourceCatalog {

    static final PgType INT8 = builtIn(20, "int8");
    static final PgType TEXT = builtIn(25, "text");

    private final Map<Long, CapturedTable> tables = new HashMap<>();
    private final Set<String> excludedColumns = new HashSet<>();
    private List<Partition> partitions = List.of();
    private int looks;

    private static PgType builtIn(long oid, String name) {
        return new PgType(oid, "pg_catalog", name, PgType.Kind.BASE, null, -1, ',');
    }

    /** A table of the schema public whose first column is its key. */
    void put(long oid, String name, String... columns) {
        List<Column> captured = new java.util.ArrayList<>();
        for (String column : columns) {
            boolean key = captured.isEmpty();
            captured.add(new Column(column, key ? INT8 : TEXT, -1, key, key ? 1 : 0));
        }
        tables.put(
                oid,
                new CapturedTable(
                        oid, new TableId("public", name), ReplicaIdentity.DEFAULT, captured, null, List.of()));
    }

    /** A table of the schema public whose row key is its first column, and whose messages are keyed by another one. */
    void putKeyedBy(long oid, String name, String key, String... columns) {
        List<Column> captured = new java.util.ArrayList<>();
        for (String column : columns) {
            boolean first = captured.isEmpty();
            captured.add(new Column(column, first ? INT8 : TEXT, -1, first, column.equals(key) ? 1 : 0, first));
        }
        tables.put(
                oid,
                new CapturedTable(
                        oid,
                        new TableId("public", name),
                        ReplicaIdentity.DEFAULT,
                        captured,
                        null,
                        List.of(),
                        List.of(key)));
    }

    void drop(long oid) {
        tables.remove(oid);
    }

    void exclude(String column) {
        excludedColumns.add(column);
    }

    /** What there is of partitions from now on. */
    void setPartitions(Partition... present) {
        partitions = List.of(present);
    }

    @Override
    public List<Partition> partitions() {
        return partitions;
    }

    /** How often a table was asked for. */
    int looks() {
        return looks;
    }

    @Override
    public Optional<CapturedTable> table(long oid) {
        looks++;
        return Optional.ofNullable(tables.get(oid));
    }

    @Override
    public boolean isCopying() {
        return false;
    }

    @Override
    public boolean includes(TableId table) {
        return !table.name().startsWith("other");
    }

    @Override
    public boolean includes(TableId table, String column) {
        return !excludedColumns.contains(column);
    }

    @Override
    public PgType type(long oid) {
        return oid == INT8.oid() ? INT8 : TEXT;
    }
}
