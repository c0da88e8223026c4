package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.capture.Unfitness;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the way of single tables is reported with their names, and what to do. */
final class PreflightTablesIT extends PreflightFixture {

    private static Map<String, String> strictProps(TestDatabase database) {
        Map<String, String> props = ownerProps(database);
        props.put("tables.unfit", "fail");
        return props;
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsTablesWithoutReplicaIdentity(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = strictProps(database);
        database.execute(
                "CREATE TABLE \"Log\" (line text)",
                "CREATE TABLE quiet (id int PRIMARY KEY)",
                "ALTER TABLE quiet REPLICA IDENTITY NOTHING");

        assertThat(faults(props)).containsOnlyKeys("table.include.list");
        assertThat(faults(props).get("table.include.list"))
                .contains(
                        "\"public\".\"Log\" (no primary key)",
                        "\"public\".\"quiet\" (REPLICA IDENTITY NOTHING)",
                        "ALTER TABLE \"public\".\"Log\" REPLICA IDENTITY FULL")
                .doesNotContain("orders");
        Map<String, String> some = new HashMap<>(props);
        some.put("table.exclude.list", "public.log,public.quiet");
        assertThat(faults(some)).isEmpty();
        assertThat(faults(some, "publication.autocreate.mode", "all_tables"))
                .hasEntrySatisfying(
                        "publication.autocreate.mode",
                        text -> assertThat(text).contains("\"public\".\"Log\"", "filtered"))
                .hasSize(1);
        database.execute("ALTER TABLE \"Log\" REPLICA IDENTITY FULL", "ALTER TABLE quiet REPLICA IDENTITY FULL");
        assertThat(faults(props)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void warnsOfWhatIsNoFault(int version) throws Exception {
        TestDatabase database = shop(version);
        database.execute(
                "CREATE TABLE log (line text)",
                "CREATE TABLE history (line text)",
                "ALTER TABLE history REPLICA IDENTITY FULL",
                "CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert, update, delete')");
        Map<String, String> props = strictProps(database);
        props.put("publication.name", "p");
        props.put("publication.autocreate.mode", "disabled");
        // The application's UPDATEs are refused already.
        assertThat(faults(props)).isEmpty();
        List<String> warnings = new ArrayList<>();
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(props)))
                .isEmpty();
        assertThat(warnings)
                .satisfiesExactlyInAnyOrder(
                        text -> assertThat(text).contains("does not publish truncate", "ALTER PUBLICATION \"p\""),
                        text -> assertThat(text)
                                .contains("without a replica identity: \"public\".\"log\" (no primary key)")
                                .doesNotContain("history"),
                        text -> assertThat(text)
                                .contains("without a key: \"public\".\"history\", \"public\".\"log\"")
                                .doesNotContain("orders"));
        warnings.clear();
        props.put("message.key.columns", "public.history:line");
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(props)))
                .isEmpty();
        assertThat(warnings).anySatisfy(text -> assertThat(text).contains("without a key: \"public\".\"log\""));
    }

    @Test
    void warnsOfADatabaseThatTakesAnyBytesForText() throws Exception {
        TestDatabase database = fill(PostgresServer.shared(18)
                .createDatabase("preflight_bytes", "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"));
        opened.add(database);
        List<String> warnings = new ArrayList<>();
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(ownerProps(database))))
                .isEmpty();
        assertThat(warnings).singleElement().asString().contains("SQL_ASCII", "text.invalid=replace");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void reportsMessageKeysThatChangesWouldNotTell(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = strictProps(database);
        assertThat(faults(props, "message.key.columns", "public.orders:")).containsOnlyKeys("message.key.columns");
        assertThat(faults(props, "message.key.columns", "public.orders:id;public.other:x"))
                .isEmpty();
        props.put("message.key.columns", "public\\.o.*:id,customer");
        assertThat(faults(props)).containsOnlyKeys("message.key.columns");
        assertThat(faults(props).get("message.key.columns"))
                .contains(
                        "\"public\".\"orders\" (customer)",
                        "run ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL");
        database.execute("ALTER TABLE orders REPLICA IDENTITY FULL");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "message.key.columns", "public.orders:Customer")
                        .get("message.key.columns"))
                .contains("(Customer)", "no such column");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void looksAtThePartitionsOfAPartitionedTable(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = strictProps(database);
        database.execute(
                "CREATE TABLE root (id int, at date) PARTITION BY RANGE (at)",
                "CREATE TABLE leaf PARTITION OF root FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                "ALTER TABLE root REPLICA IDENTITY FULL");
        assertThat(faults(props).get("table.include.list")).contains("\"public\".\"leaf\": no primary key");
        database.execute("ALTER TABLE leaf ADD PRIMARY KEY (id)");
        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "publish.via.partition.root", "true").get("table.include.list"))
                .contains("ALTER TABLE \"public\".\"leaf\" REPLICA IDENTITY FULL");
        database.execute("ALTER TABLE leaf REPLICA IDENTITY FULL");
        assertThat(faults(props, "publish.via.partition.root", "true")).isEmpty();
        // Old rows are marked by the identity of the root, whatever the partition's.
        database.execute("ALTER TABLE root REPLICA IDENTITY DEFAULT");
        assertThat(faults(props, "publish.via.partition.root", "true").get("table.include.list"))
                .contains("run ALTER TABLE \"public\".\"root\" REPLICA IDENTITY FULL")
                .doesNotContain("ALTER TABLE \"public\".\"leaf\"");
        database.execute(
                "ALTER TABLE leaf DROP CONSTRAINT leaf_pkey",
                "ALTER TABLE root ADD PRIMARY KEY (id, at)",
                "ALTER TABLE leaf REPLICA IDENTITY DEFAULT");
        assertThat(faults(props, "publish.via.partition.root", "true")).isEmpty();
        database.execute("ALTER TABLE root REPLICA IDENTITY FULL");
        assertThat(faults(props, "publish.via.partition.root", "true").get("table.include.list"))
                .contains("run ALTER TABLE \"public\".\"leaf\" REPLICA IDENTITY FULL");
        assertThat(faults(props)).isEmpty();
    }

    @Test
    void reportsWhatALaterServerDoesNotTakeAsReplicaIdentity() throws Exception {
        for (int version : new int[] {14, 18}) {
            TestDatabase database = shop(version);
            Map<String, String> props = strictProps(database);
            database.execute(
                    "CREATE TABLE made (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)",
                    "INSERT INTO made VALUES (1)");
            assertThat(faults(props)).isEmpty();
            database.execute("ALTER TABLE made REPLICA IDENTITY FULL");
            if (version < 18) {
                assertThat(faults(props)).isEmpty();
                continue;
            }
            assertThat(faults(props)).containsOnlyKeys("table.include.list");
            assertThat(faults(props).get("table.include.list"))
                    .contains("(a generated column", "ALTER TABLE \"public\".\"made\" REPLICA IDENTITY DEFAULT")
                    .doesNotContain("orders");
            // So the server says itself.
            database.execute("CREATE PUBLICATION p FOR TABLE made");
            assertThatThrownBy(() -> database.execute("DELETE FROM made")).hasMessageContaining("generated columns");
        }
    }

    /** Case 41: a person who asks sees them, and yet nobody is refused a connector for tables that he has not named. */
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void setsAsideWhatAPatternMatches(int version) throws Exception {
        TestDatabase database = shop(version);
        Map<String, String> props = ownerProps(database);
        for (int i = 10; i < 25; i++) {
            database.execute("CREATE TABLE \"log." + i + "\" (line text)");
        }

        assertThat(faults(props)).isEmpty();
        assertThat(faults(props, "table.include.list", "public\\..*")).isEmpty();
        assertThat(recommendedExclusions(props)).hasSize(15).contains("public\\.log\\.24");
        props.put("table.exclude.list", String.join(",", recommendedExclusions(props)));
        assertThat(recommendedExclusions(props)).isEmpty();
        props.remove("table.exclude.list");

        assertThat(faults(props, "tables.unfit", "fail").get("table.include.list"))
                .contains(
                        "\"log.10\" (no primary key)",
                        "… and 5 more",
                        "recommended values of table.exclude.list",
                        "SELECT oid::regclass FROM pg_class");
        assertThat(faults(props, "table.include.list", "public.orders,public.log.11")
                        .get("table.include.list"))
                .contains("log.11")
                .doesNotContain("log.12");
        assertThat(faults(props, "table.include.list", "public.log.*"))
                .as("no table is left")
                .containsOnlyKeys("table.include.list");
        assertThat(database.query(Unfitness.NO_REPLICA_IDENTITY.query())).hasSize(15);
    }

    private static List<String> recommendedExclusions(Map<String, String> props) {
        return Validation.validate(props).configValues().stream()
                .filter(value -> value.name().equals("table.exclude.list"))
                .flatMap(value -> value.recommendedValues().stream())
                .map(String::valueOf)
                .toList();
    }

    @Test
    void reportsColumnsThatCannotBeMasked() throws Exception {
        TestDatabase database = shop(18);
        database.execute(
                "CREATE TABLE people (id int PRIMARY KEY, email text, born date, tags text[])",
                "CREATE TABLE root (id int, email text, at date) PARTITION BY RANGE (at)",
                "CREATE TABLE leaf PARTITION OF root FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                "ALTER TABLE root REPLICA IDENTITY FULL",
                "ALTER TABLE leaf REPLICA IDENTITY FULL");
        Map<String, String> props = ownerProps(database);
        String hash = "column.mask.hash.v2.SHA-256.with.salt." + SECRET;
        String mask = "column.mask.with.4.chars";
        assertThat(faults(props, mask, "public.people.email")).isEmpty();
        assertThat(faults(props, mask, "public.people.(email|born)").get(mask))
                .contains(
                        "\"public\".\"people\" (column born: its type date is not one of strings)",
                        "column.exclude.list");
        assertThat(faults(props, mask, "public.people.(email|born)", "column.exclude.list", "public.people.born"))
                .isEmpty();
        assertThat(faults(props, mask, ".*\\.tags")).containsOnlyKeys(mask);
        assertThat(faults(props, mask, "public.orders.customer", "message.key.columns", "public.orders:customer"))
                .containsKey("message.key.columns");
        database.execute("ALTER TABLE orders REPLICA IDENTITY FULL");
        assertThat(faults(props, mask, "public.orders.customer", "message.key.columns", "public.orders:customer")
                        .get(mask))
                .contains("it is part of the key");

        // Both names of the same rows, whichever they are published by.
        assertThat(faults(props, mask, "public.root.email").get(mask))
                .contains("public.leaf.email and of public.root.email", "matches both names");
        assertThat(faults(props, mask, "public.leaf.email", "publish.via.partition.root", "true"))
                .containsOnlyKeys(mask);
        assertThat(faults(props, mask, "public.(root|leaf).email")).isEmpty();

        assertThat(faults(props, mask, "public.people.email,public.people.emial,public.gone.*")
                        .get(mask))
                .contains("public.people.emial, public.gone.*", "column.mask.unmatched=warn")
                .doesNotContain("public.people.email");
        List<String> warnings = new ArrayList<>();
        props.put("column.mask.unmatched", "warn");
        props.put(hash, "public.people.emial");
        assertThat(new Preflight(warnings::add).check(PgSeamSettings.parse(props)))
                .isEmpty();
        assertThat(warnings)
                .anySatisfy(
                        text -> assertThat(text).contains("public.people.emial").doesNotContain(SECRET));
    }
}
