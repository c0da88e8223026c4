package io.pgseam.corpus;

import io.pgseam.testing.PostgresServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A table of a random schema: how it is made, and random statements that write it. */
final class RandomTable {

    private enum Filled {
        BY_US,
        /** GENERATED ALWAYS AS IDENTITY, a serial, or a default of its own. */
        BY_THE_SERVER
    }

    private record TableColumn(String name, String definition, RandomType type, Filled filled, boolean notNull) {

        String value(Random random) {
            return notNull ? type.value(random) : type.valueOrNull(random);
        }
    }

    private static final RandomType PART = new RandomType("int2", true, random -> String.valueOf(random.nextInt(5)));
    private static final RandomType NUMBER = new RandomType("int8", true, random -> String.valueOf(random.nextLong()));

    private final String schema;
    private final String name;
    private final boolean partitioned;
    private boolean neverFull;
    private final List<String> definition = new ArrayList<>();
    private final List<String> later = new ArrayList<>();
    private final List<TableColumn> addedLater = new ArrayList<>();
    private final List<TableColumn> columns = new ArrayList<>();
    private final List<TableColumn> key = new ArrayList<>();

    /**
     * @param number the table's own among all of its schema
     * @param version the major version of the server
     * @param earlier the tables before it, which it may refer to
     */
    RandomTable(Random random, RandomTypes types, String schema, int number, int version, List<RandomTable> earlier) {
        this.schema = schema;
        this.name = RandomText.name(random, number);
        this.partitioned = random.nextInt(5) == 0;
        addKey(random, types);
        int others = random.nextInt(9) + (key.isEmpty() ? 1 : 0);
        for (int i = 0; i < others; i++) {
            RandomType type = types.any(random);
            boolean notNull = random.nextInt(4) == 0;
            String value = random.nextInt(4) == 0 ? " DEFAULT " + defaultOf(type, random) : "";
            add(i + 10, random, type, type.sql() + value + (notNull ? " NOT NULL" : ""), Filled.BY_US, notNull);
        }
        if (!earlier.isEmpty() && random.nextInt(4) == 0) {
            refer(random, earlier.get(random.nextInt(earlier.size())));
        }
        Collections.shuffle(columns, random);
        create(random, types, version);
    }

    /** A table that inherits another's columns, but not its key. */
    private RandomTable(Random random, RandomTable parent, int number) {
        schema = parent.schema;
        name = RandomText.name(random, number);
        partitioned = false;
        parent.columns.forEach(column -> columns.add(
                new TableColumn(column.name(), column.definition(), column.type(), Filled.BY_US, column.notNull())));
        definition.add("CREATE TABLE " + table() + " (own int DEFAULT 5) INHERITS (" + parent.table() + ")");
        definition.add("ALTER TABLE " + table() + " REPLICA IDENTITY FULL");
    }

    /** Another table with the columns of this one; null where this one can have none. */
    @Nullable
    RandomTable child(Random random, int number) {
        return partitioned || neverFull ? null : new RandomTable(random, this, number);
    }

    /** Rows of the other table are deleted and get other keys, and those of this one with them. */
    private void refer(Random random, RandomTable other) {
        if (other.key.size() != 1
                || other.partitioned
                || !other.definition.get(0).contains("PRIMARY KEY")) {
            return;
        }
        TableColumn theirs = other.key.get(0);
        RandomType type = new RandomType(
                theirs.type().sql(),
                false,
                values -> "(SELECT " + theirs.name() + " FROM ONLY " + other.table() + " OFFSET " + values.nextInt(40)
                        + " LIMIT 1)");
        String updates = key.isEmpty() ? "" : " ON UPDATE CASCADE";
        String definedAs = type.sql() + " REFERENCES " + other.table() + " ON DELETE CASCADE" + updates;
        add(30, random, type, definedAs, Filled.BY_US, false);
    }

    /** Sub-selects may not be defaults. */
    private static String defaultOf(RandomType type, Random random) {
        String value = type.value(random);
        return value.contains("SELECT") ? "NULL" : value;
    }

    private void addKey(Random random, RandomTypes types) {
        switch (random.nextInt(8)) {
            case 0 -> {} // no key at all
            case 1 -> key.add(add(0, random, NUMBER, "int8 GENERATED ALWAYS AS IDENTITY", Filled.BY_THE_SERVER, true));
            case 2 -> key.add(add(0, random, NUMBER, "bigserial", Filled.BY_THE_SERVER, true));
            default -> {
                int parts = 1 + random.nextInt(3);
                for (int i = 0; i < parts; i++) {
                    RandomType type = types.key(random);
                    key.add(add(i, random, type, type.sql() + " NOT NULL", Filled.BY_US, true));
                }
            }
        }
        if (partitioned) {
            TableColumn part = add(5, random, PART, "int2 NOT NULL", Filled.BY_US, true);
            if (!key.isEmpty()) {
                key.add(random.nextInt(key.size() + 1), part);
            }
        }
    }

    private TableColumn add(
            int number, Random random, RandomType type, String definedAs, Filled filled, boolean notNull) {
        TableColumn column = new TableColumn(
                PostgresServer.quoted(RandomText.name(random, number)), definedAs, type, filled, notNull);
        columns.add(column);
        return column;
    }

    private String table() {
        return schema + "." + PostgresServer.quoted(name);
    }

    /** What statements say: a partitioned table with its partitions, another without those that inherit from it. */
    private String target() {
        return partitioned ? table() : "ONLY " + table();
    }

    // Creation

    private void create(Random random, RandomTypes types, int version) {
        List<String> parts = new ArrayList<>();
        parts.add("dropped_first int DEFAULT 7");
        for (TableColumn column : columns) {
            parts.add(column.name() + " " + column.definition());
            if (random.nextInt(8) == 0) {
                String dropped = PostgresServer.quoted("dropped " + parts.size());
                parts.add(dropped + " " + types.any(random).sql());
                later.add("ALTER TABLE " + table() + " DROP COLUMN " + dropped);
            }
        }
        boolean generates = random.nextInt(3) == 0 && (version < 18 || !key.isEmpty());
        // From 18 on, who updates a published table is refused where the old row would have columns that are not
        // published.
        neverFull = generates && version >= 18;
        if (generates) {
            String kind = version >= 18 && random.nextBoolean() ? "VIRTUAL" : "STORED";
            parts.add("generated text GENERATED ALWAYS AS (repeat('g', 3)) " + kind);
        }
        boolean usesIndex = !key.isEmpty() && random.nextInt(4) == 0;
        if (!key.isEmpty() && !usesIndex) {
            parts.add("PRIMARY KEY (" + names(key) + ")");
        }
        if (random.nextInt(4) == 0) {
            String column = columns.get(random.nextInt(columns.size())).name();
            parts.add("CHECK (" + column + " IS NOT DISTINCT FROM NULL OR " + column + "::text <> 'never')");
        }
        definition.add("CREATE TABLE " + table() + " (" + String.join(", ", parts) + ")"
                + (partitioned ? " PARTITION BY LIST (" + partColumn() + ")" : ""));
        if (partitioned) {
            createPartitions(random, usesIndex);
            if (key.isEmpty()) {
                definition.add("ALTER TABLE " + table() + " REPLICA IDENTITY FULL");
            }
        } else if (!usesIndex) {
            identity(random, table());
        }
        if (usesIndex) {
            identifyByIndex();
        }
        storage(random);
        later.add("ALTER TABLE " + table() + " DROP COLUMN dropped_first");
        // Old rows of partitions, published as rows of their table, lack such values on servers before 15.
        if (random.nextInt(3) == 0 && !(partitioned && key.isEmpty())) {
            addLater(random, types);
        }
    }

    /** Also of each partition, which has an index of its own below that of the table. */
    private void identifyByIndex() {
        String index = PostgresServer.quoted("ix_" + name.substring(0, Math.min(5, name.length())) + name.hashCode());
        definition.add("CREATE UNIQUE INDEX " + index + " ON " + table() + " (" + names(key) + ")");
        definition.add("ALTER TABLE " + table() + " REPLICA IDENTITY USING INDEX " + index);
        if (partitioned) {
            definition.add(
                    "DO $do$ DECLARE ix record; BEGIN FOR ix IN SELECT i.indrelid::regclass AS owner, c.relname FROM"
                            + " pg_partition_tree('" + (schema + "." + index).replace("'", "''") + "') p"
                            + " JOIN pg_index i ON i.indexrelid = p.relid JOIN pg_class c ON c.oid = p.relid WHERE p.level > 0"
                            + " LOOP EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', ix.owner, ix.relname);"
                            + " END LOOP; END $do$");
        }
    }

    private String partColumn() {
        return columns.stream()
                .filter(column -> column.type() == PART)
                .findFirst()
                .orElseThrow()
                .name();
    }

    /** One of two values, one attached with its columns in another order, and one for the rest, which is divided again. */
    private void createPartitions(Random random, boolean usesIndex) {
        String one = partition("_a");
        definition.add("CREATE TABLE " + one + " PARTITION OF " + table() + " FOR VALUES IN (0, 1)");
        String rest = partition("_rest");
        definition.add("CREATE TABLE " + rest + " PARTITION OF " + table() + " DEFAULT PARTITION BY RANGE ("
                + partColumn() + ")");
        String low = partition("_low");
        String high = partition("_high");
        definition.add("CREATE TABLE " + low + " PARTITION OF " + rest + " FOR VALUES FROM (MINVALUE) TO (3)");
        definition.add("CREATE TABLE " + high + " PARTITION OF " + rest + " FOR VALUES FROM (3) TO (MAXVALUE)");
        for (String leaf : usesIndex ? List.<String>of() : List.of(one, low, high)) {
            identity(random, leaf);
        }
    }

    private String partition(String suffix) {
        String prefix = name.length() > 40 ? name.substring(name.length() - 20) : name;
        return schema + "." + PostgresServer.quoted(prefix + suffix);
    }

    private void identity(Random random, String leaf) {
        if (key.isEmpty() || (!neverFull && random.nextInt(3) == 0)) {
            definition.add("ALTER TABLE " + leaf + " REPLICA IDENTITY FULL");
        }
    }

    private void storage(Random random) {
        for (TableColumn column : columns) {
            if (column.type().sql().matches("text|bytea|jsonb?") && random.nextBoolean()) {
                definition.add("ALTER TABLE " + table() + " ALTER " + column.name() + " SET STORAGE "
                        + (random.nextBoolean() ? "EXTERNAL" : "MAIN"));
            }
        }
    }

    /** A column that the rows of before do not have: its default stands in the catalogue. */
    private void addLater(Random random, RandomTypes types) {
        RandomType type = types.any(random);
        TableColumn column = new TableColumn("added", type.sql(), type, Filled.BY_US, false);
        later.add("ALTER TABLE " + table() + " ADD added " + type.sql() + " DEFAULT " + defaultOf(type, random));
        addedLater.add(column);
    }

    /** What creates the table, fills it, and alters it when it has rows. */
    List<String> statements(Random random) {
        List<String> statements = new ArrayList<>(definition);
        for (int batch = random.nextInt(4); batch > 0; batch--) {
            statements.add(insert(random, 40));
        }
        statements.addAll(later);
        columns.addAll(addedLater);
        statements.add(insert(random, 5));
        return statements;
    }

    // Writes

    private static String names(List<TableColumn> columns) {
        return columns.stream().map(TableColumn::name).collect(Collectors.joining(", "));
    }

    /** A statement that writes the table. One without a key is only inserted into and deleted from. */
    String write(Random random) {
        return switch (random.nextInt(key.isEmpty() ? 4 : 10)) {
            case 0, 1 -> insert(random, 5);
            case 2, 3 -> "DELETE FROM " + target() + some(random, 3);
            case 4, 5 -> update(random, key, 1);
            case 6 -> updateOfNothing(random);
            default -> update(random, columns, 9);
        };
    }

    private String insert(Random random, int most) {
        List<TableColumn> given = columns.stream()
                .filter(column -> column.filled() == Filled.BY_US)
                .filter(column -> column.notNull() || random.nextInt(8) > 0)
                .toList();
        if (given.isEmpty()) {
            return "INSERT INTO " + table() + " DEFAULT VALUES";
        }
        return "INSERT INTO " + table() + " (" + names(given) + ") VALUES "
                + Stream.generate(() -> given.stream()
                                .map(column -> column.value(random))
                                .collect(Collectors.joining(", ", "(", ")")))
                        .limit(1 + random.nextInt(most))
                        .collect(Collectors.joining(", "))
                + " ON CONFLICT DO NOTHING";
    }

    private String updateOfNothing(Random random) {
        String column = key.get(0).name();
        String value = key.get(0).filled() == Filled.BY_US ? column : "DEFAULT";
        return "UPDATE " + target() + " SET " + column + " = " + value + some(random, 9);
    }

    private String update(Random random, List<TableColumn> among, int most) {
        List<TableColumn> changeable =
                among.stream().filter(column -> column.filled() == Filled.BY_US).toList();
        if (changeable.isEmpty()) {
            return updateOfNothing(random);
        }
        int first = random.nextInt(changeable.size());
        int last = Math.min(changeable.size() - 1, first + random.nextInt(3));
        return "UPDATE " + target() + " SET "
                + IntStream.rangeClosed(first, last)
                        .mapToObj(changeable::get)
                        .map(column -> column.name() + " = " + column.value(random))
                        .collect(Collectors.joining(", "))
                + some(random, most);
    }

    /** By place, since not every table has a key: the same statements before it give the same rows. */
    private String some(Random random, int most) {
        return " WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM " + target() + " OFFSET " + random.nextInt(60)
                + " LIMIT " + (1 + random.nextInt(most)) + ")";
    }
}
