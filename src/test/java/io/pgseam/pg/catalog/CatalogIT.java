package io.pgseam.pg.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CatalogIT extends DatabaseScenario {

    private static final Predicate<TableId> EVERY_TABLE = table -> true;
    private static final BiPredicate<TableId, String> EVERY_COLUMN = (table, column) -> true;

    @OnEachPostgres
    void tellsColumnsKeysAndSizesAsThePublicationPublishesThem(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE SCHEMA \"Größe 1\"",
                "CREATE TABLE \"Größe 1\".\"Order \"\"Lines\"\"\" (gone int, b text NOT NULL, a int NOT NULL,"
                        + " n numeric(12,2), doubled int GENERATED ALWAYS AS (a * 2) STORED, doc text, PRIMARY KEY (a, b))",
                "ALTER TABLE \"Größe 1\".\"Order \"\"Lines\"\"\" DROP COLUMN gone",
                "ALTER TABLE \"Größe 1\".\"Order \"\"Lines\"\"\" ALTER doc SET STORAGE EXTERNAL",
                "INSERT INTO \"Größe 1\".\"Order \"\"Lines\"\"\" (a, b, doc) SELECT i, 'x', repeat('d', 9000)"
                        + " FROM generate_series(1, 500) i",
                "CREATE TABLE keyless (x int)",
                "ALTER TABLE keyless REPLICA IDENTITY FULL",
                "CREATE TABLE unpublished (x int)",
                "CREATE PUBLICATION p FOR TABLE keyless, \"Größe 1\".\"Order \"\"Lines\"\"\"");
        Connection session = session(database, "catalog");
        Catalog catalog = new Catalog(session);

        List<CapturedTable> tables = catalog.capturedTables("p", EVERY_TABLE, EVERY_COLUMN);

        assertThat(tables)
                .extracting(CapturedTable::id)
                .containsExactly(new TableId("Größe 1", "Order \"Lines\""), new TableId("public", "keyless"));
        CapturedTable lines = tables.get(0);
        assertThat(lines.columns()).extracting(Column::name).containsExactly("b", "a", "n", "doc");
        assertThat(lines.columns()).extracting(Column::keyPosition).containsExactly(2, 1, 0, 0);
        assertThat(lines.columns()).extracting(Column::notNull).containsExactly(true, true, false, false);
        assertThat(lines.columns().get(2).modifier()).isEqualTo(((12 << 16) | 2) + 4);
        assertThat(lines.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
        assertThat(lines.rowFilter()).isNull();
        Leaf leaf = lines.leaves().get(0);
        String name = "'\"Größe 1\".\"Order \"\"Lines\"\"\"'::regclass";
        assertThat(lines.leaves()).hasSize(1);
        assertThat(leaf.id()).isEqualTo(lines.id());
        assertThat(leaf.oid()).isEqualTo(lines.oid()).isEqualTo(number(database, "SELECT " + name + "::oid"));
        assertThat(leaf.filenode()).isEqualTo(number(database, "SELECT pg_relation_filenode(" + name + ")"));
        assertThat(leaf.blocks())
                .isEqualTo(number(database, "SELECT pg_relation_size(" + name + ") / 8192"))
                .isPositive();
        assertThat(leaf.bytes()).isGreaterThan(500 * 9000).isGreaterThan(leaf.blocks() * 8192);
        CapturedTable keyless = tables.get(1);
        assertThat(keyless.hasKey()).isFalse();
        assertThat(keyless.replicaIdentity()).isEqualTo(ReplicaIdentity.FULL);
        assertThat(keyless.leaves().get(0).blocks()).isZero();
        assertThat(catalog.blockSize()).isEqualTo(8192);
    }

    @OnEachPostgres
    void filtersTablesAndColumnsButNeverDropsAKey(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE a (id int PRIMARY KEY, secret text, shown text)",
                "CREATE TABLE b (id int PRIMARY KEY)",
                "CREATE PUBLICATION p FOR ALL TABLES");

        List<CapturedTable> tables = new Catalog(session(database, "catalog"))
                .capturedTables("p", table -> table.name().equals("a"), (table, column) -> column.equals("shown"));

        assertThat(tables)
                .singleElement()
                .satisfies(table ->
                        assertThat(table.columns()).extracting(Column::name).containsExactly("id", "shown"));
    }

    @OnEachPostgres
    void takesTheKeyFromTheIndexThatIsTheReplicaIdentity(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, tenant int NOT NULL, code text NOT NULL, note text)",
                "CREATE UNIQUE INDEX by_code ON t (code, tenant) INCLUDE (note)",
                "ALTER TABLE t REPLICA IDENTITY USING INDEX by_code",
                "CREATE PUBLICATION p FOR TABLE t");

        CapturedTable table = new Catalog(session(database, "catalog"))
                .capturedTables("p", EVERY_TABLE, EVERY_COLUMN)
                .get(0);

        assertThat(table.replicaIdentity()).isEqualTo(ReplicaIdentity.INDEX);
        assertThat(table.columns()).extracting(Column::keyPosition).containsExactly(0, 2, 1, 0);
    }

    @OnEachPostgres
    void capturesPartitionsThroughTheirRootWhereThePublicationSaysSo(int version) throws Exception {
        TestDatabase database = partitioned(version);
        database.execute("CREATE PUBLICATION p FOR TABLE orders WITH (publish_via_partition_root = true)");

        List<CapturedTable> tables =
                new Catalog(session(database, "catalog")).capturedTables("p", EVERY_TABLE, EVERY_COLUMN);

        assertThat(tables).singleElement().satisfies(table -> {
            assertThat(table.id()).isEqualTo(new TableId("public", "orders"));
            assertThat(table.leaves()).extracting(leaf -> leaf.id().name()).containsExactly("o1", "o2a", "o2b");
            assertThat(table.leaves())
                    .allSatisfy(leaf -> assertThat(leaf.filenode()).isPositive());
            assertThat(table.columns()).extracting(Column::name).containsExactly("id", "region", "secret");
        });
    }

    @OnEachPostgres
    void capturesPartitionsAsThemselvesBySelectionOfThemOrOfAnyTableAbove(int version) throws Exception {
        TestDatabase database = partitioned(version);
        database.execute("CREATE PUBLICATION p FOR TABLE orders");
        Catalog catalog = new Catalog(session(database, "catalog"));

        assertThat(catalog.capturedTables("p", named("orders"), EVERY_COLUMN))
                .extracting(table -> table.id().name())
                .containsExactly("o1", "o2a", "o2b");
        assertThat(catalog.capturedTables("p", named("o2"), EVERY_COLUMN))
                .extracting(table -> table.id().name())
                .containsExactly("o2a", "o2b");
        assertThat(catalog.capturedTables("p", named("o2b"), EVERY_COLUMN))
                .singleElement()
                .satisfies(table -> {
                    assertThat(table.leaves()).extracting(Leaf::id).containsExactly(table.id());
                    // Attached with its columns in another order: it is published in its own.
                    assertThat(table.columns()).extracting(Column::name).containsExactly("secret", "region", "id");
                });
    }

    @OnEachPostgres
    void aColumnExcludedFromAPartitionedTableIsExcludedFromItsPartitions(int version) throws Exception {
        TestDatabase database = partitioned(version);
        database.execute("CREATE PUBLICATION p FOR TABLE orders");

        List<CapturedTable> tables = new Catalog(session(database, "catalog"))
                .capturedTables(
                        "p", EVERY_TABLE, (table, column) -> !(table + "." + column).equals("public.orders.secret"));

        assertThat(tables)
                .hasSize(3)
                .allSatisfy(table -> assertThat(table.columns())
                        .extracting(Column::name)
                        .doesNotContain("secret")
                        .contains("id", "region"));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void keepsToColumnListsRowFiltersAndSchemasOfThePublication(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a text, b text)",
                "CREATE SCHEMA s",
                "CREATE TABLE s.u (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)",
                "CREATE PUBLICATION p FOR TABLE t (b, id) WHERE (id > 7)",
                "CREATE PUBLICATION q FOR TABLES IN SCHEMA s");
        Catalog catalog = new Catalog(session(database, "catalog"));

        CapturedTable listed =
                catalog.capturedTables("p", EVERY_TABLE, EVERY_COLUMN).get(0);
        assertThat(listed.columns()).extracting(Column::name).containsExactly("id", "b");
        assertThat(listed.rowFilter()).isEqualTo("(id > 7)");
        CapturedTable inSchema =
                catalog.capturedTables("q", EVERY_TABLE, EVERY_COLUMN).get(0);
        assertThat(inSchema.columns()).extracting(Column::name).containsExactly("id");
    }

    @ParameterizedTest
    @ValueSource(ints = {18})
    void capturesGeneratedColumnsWhereThePublicationPublishesThem(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, s int GENERATED ALWAYS AS (id * 2) STORED,"
                        + " v int GENERATED ALWAYS AS (id * 3) VIRTUAL)",
                "CREATE PUBLICATION p FOR TABLE t WITH (publish_generated_columns = stored)",
                "CREATE PUBLICATION q FOR TABLE t (id, s)",
                "CREATE PUBLICATION r FOR TABLE t");
        Catalog catalog = new Catalog(session(database, "catalog"));

        for (String publication : List.of("p", "q")) {
            assertThat(catalog.capturedTables(publication, EVERY_TABLE, EVERY_COLUMN)
                            .get(0)
                            .columns())
                    .extracting(Column::name)
                    .containsExactly("id", "s");
        }
        assertThat(catalog.capturedTables("r", EVERY_TABLE, EVERY_COLUMN).get(0).columns())
                .extracting(Column::name)
                .containsExactly("id");
    }

    @OnEachPostgres
    void refusesAPublicationThatDoesNotExist(int version) throws Exception {
        Catalog catalog = new Catalog(session(database(version), "catalog"));
        assertThatThrownBy(() -> catalog.capturedTables("nowhere", EVERY_TABLE, EVERY_COLUMN))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42704"))
                .hasMessageContaining("nowhere");
    }

    @OnEachPostgres
    void matchesWhatAPublicationCanHold(int version) throws Exception {
        TestDatabase database = partitioned(version);
        database.execute(
                "CREATE TABLE plain (id int)",
                "CREATE UNLOGGED TABLE unlogged (id int)",
                "CREATE VIEW seen AS SELECT 1 AS id",
                "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS id");
        Map<Long, Relation> relations = new RelationCatalog(session(database, "catalog")).relations();

        assertThat(Catalog.topmost(relations, EVERY_TABLE))
                .extracting(relation -> relation.id().name())
                .containsExactly("orders", "plain");
        assertThat(Catalog.topmost(relations, table -> table.name().startsWith("o2")))
                .extracting(relation -> relation.id().name())
                .containsExactly("o2");
    }

    @OnEachPostgres
    void readsTypesDownToWhatTheyAreMadeOf(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE DOMAIN money_amount AS numeric(9,3)",
                "CREATE DOMAIN price AS money_amount CHECK (VALUE >= 0)",
                "CREATE TYPE pair AS (a int, b text)",
                "CREATE TABLE t (id int PRIMARY KEY, moods mood[], prices price[], price price, p pair, r int4range,"
                        + " mr int4multirange, boxes box[], point point, v int2vector, matrix int[][])",
                "CREATE PUBLICATION p FOR TABLE t");
        Catalog catalog = new Catalog(session(database, "catalog"));

        List<Column> columns =
                catalog.capturedTables("p", EVERY_TABLE, EVERY_COLUMN).get(0).columns();

        assertThat(columns)
                .extracting(column -> column.type().kind())
                .containsExactly(
                        PgType.Kind.BASE,
                        PgType.Kind.ARRAY,
                        PgType.Kind.ARRAY,
                        PgType.Kind.DOMAIN,
                        PgType.Kind.COMPOSITE,
                        PgType.Kind.RANGE,
                        PgType.Kind.MULTIRANGE,
                        PgType.Kind.ARRAY,
                        PgType.Kind.BASE,
                        PgType.Kind.BASE,
                        PgType.Kind.ARRAY);
        PgType moods = columns.get(1).type();
        assertThat(moods.name()).isEqualTo("_mood");
        assertThat(moods.schema()).isEqualTo("public");
        assertThat(moods.element()).isNotNull();
        assertThat(moods.element().kind()).isEqualTo(PgType.Kind.ENUM);
        PgType price = columns.get(3).type();
        assertThat(columns.get(2).type().element()).isSameAs(price);
        assertThat(price.underlying().name()).isEqualTo("numeric");
        assertThat(price.element()).isNotNull();
        assertThat(price.element().modifier()).isEqualTo(((9 << 16) | 3) + 4);
        assertThat(columns.get(7).type().delimiter()).isEqualTo(';');
        database.execute("CREATE TYPE later AS ENUM ('x')");
        long later = number(database, "SELECT 'later'::regtype::oid");
        assertThat(catalog.types().type(later).name()).isEqualTo("later");
        assertThatThrownBy(() -> catalog.types().type(1))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("OID 1");
    }

    @OnEachPostgres
    void readsTheAttributesOfCompositesDownToWhatTheyAreMadeOf(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TYPE pair AS (a numeric(9,3), gone text, \"B ä\" text[])",
                "ALTER TYPE pair DROP ATTRIBUTE gone",
                "CREATE DOMAIN marked AS pair CHECK ((VALUE).a > 0)",
                "CREATE TABLE drawing (id int, p marked, pairs pair[])",
                "ALTER TABLE drawing DROP COLUMN id",
                "CREATE TYPE nothing AS ()",
                "CREATE TABLE t (id int PRIMARY KEY, drawing drawing, nothing nothing)",
                "CREATE PUBLICATION p FOR TABLE t");
        List<Column> columns = new Catalog(session(database, "catalog"))
                .capturedTables("p", EVERY_TABLE, EVERY_COLUMN)
                .get(0)
                .columns();

        List<PgType.Attribute> drawing = columns.get(1).type().attributes();
        assertThat(drawing).extracting(PgType.Attribute::name).containsExactly("p", "pairs");
        PgType pair = drawing.get(0).type().underlying();
        assertThat(pair.kind()).isEqualTo(PgType.Kind.COMPOSITE);
        assertThat(drawing.get(1).type().element()).isEqualTo(pair);
        assertThat(pair.attributes()).extracting(PgType.Attribute::name).containsExactly("a", "B ä");
        assertThat(pair.attributes().get(0).type().name()).isEqualTo("numeric");
        assertThat(pair.attributes().get(0).modifier()).isEqualTo(((9 << 16) | 3) + 4);
        assertThat(pair.attributes().get(1).type().kind()).isEqualTo(PgType.Kind.ARRAY);
        assertThat(columns.get(2).type().attributes()).isEmpty();
    }

    private TestDatabase partitioned(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TABLE orders (id int, region int, secret text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
                "CREATE TABLE o1 PARTITION OF orders FOR VALUES IN (1)",
                "CREATE TABLE o2 PARTITION OF orders FOR VALUES IN (2, 3) PARTITION BY LIST (region)",
                "CREATE TABLE o2a PARTITION OF o2 FOR VALUES IN (2)",
                "CREATE TABLE o2b (secret text, region int NOT NULL, id int NOT NULL)",
                "ALTER TABLE o2 ATTACH PARTITION o2b FOR VALUES IN (3)");
        return database;
    }

    private static Predicate<TableId> named(String name) {
        return table -> table.name().equals(name);
    }

    private static long number(TestDatabase database, String sql) throws SQLException {
        return Long.parseLong(database.queryOne(sql));
    }
}
