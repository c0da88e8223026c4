package io.pgseam.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Debezium's connector says what is right: record by record, schemas and values, but for the differences that are documented. */
class DebeziumOracleIT {

    private static final Map<String, String> CONNECT = Map.ofEntries(
            Map.entry("decimal.handling.mode", "double"),
            Map.entry("time.precision.mode", "connect"),
            Map.entry("binary.handling.mode", "hex"),
            Map.entry("unavailable.value.placeholder", "__gone"),
            Map.entry("field.name.adjustment.mode", "avro"),
            Map.entry("column.exclude.list", "public.texts.x,public.numbers.i2,public.hidden_key.(id|code)"),
            Map.entry("message.key.columns", "public.full_identity:n;public.no_key:a,b"),
            Map.entry("message.prefix.exclude.list", "AUDIT"),
            Map.entry(
                    "column.mask.hash.MD5.with.salt.a.salt with ü",
                    "public.people.email,public\\.PEOPLE\\.(code|dom|nn)"),
            Map.entry("column.mask.with.3.chars", "public.people.bio"),
            Map.entry(
                    "column.truncate.to.6.chars",
                    "public.people.phone,public.people.pin,public.people.nick,public.people.clear"));

    private static final Map<String, String> STRINGS = Map.ofEntries(
            Map.entry("decimal.handling.mode", "string"),
            Map.entry("time.precision.mode", "adaptive_time_microseconds"),
            Map.entry("interval.handling.mode", "string"),
            Map.entry("hstore.handling.mode", "map"),
            Map.entry("binary.handling.mode", "base64"),
            Map.entry("include.unknown.datatypes", "true"),
            Map.entry("message.prefix.include.list", "OUT.*,other"),
            Map.entry("skipped.operations", "none"),
            Map.entry("skip.messages.without.change", "true"),
            Map.entry("tombstones.on.delete", "false"),
            Map.entry("schema.name.adjustment.mode", "avro"),
            Map.entry("column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K", "public.people.(email|code|dom|nn)"),
            Map.entry("column.mask.with.12.chars", "public.people.nick,public.people.bio"),
            Map.entry("column.mask.with.0.chars", "public.people.phone"),
            Map.entry("column.truncate.to.0.chars", "public.people.clear"));

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    @Matrix(build = "18", nightly = "14")
    void recordsEqualThoseOfDebezium(int version) throws Exception {
        Map<String, Map<String, String>> variants = new LinkedHashMap<>();
        variants.put("plain", Map.of());
        variants.put("strings", STRINGS);
        variants.put("connect", CONNECT);
        try (TestDatabase database = PostgresServer.shared(version).createDatabase("oracle_" + version)) {
            database.execute(OracleTables.SCHEMA.toArray(String[]::new));
            database.execute(OracleTables.ROWS.toArray(String[]::new));
            database.execute("CREATE PUBLICATION oracle FOR ALL TABLES");
            Map<String, Twins> twins = new LinkedHashMap<>();
            try {
                variants.forEach(
                        (name, settings) -> twins.put(name, Twins.start(cluster, database, name + version, settings)));
                twins.values().forEach(pair -> pair.await(1));
                for (String change : OracleTables.CHANGES) {
                    database.execute(change);
                }
                twins.values().forEach(pair -> pair.await(2));
                List<String> differences = new ArrayList<>();
                twins.forEach((name, pair) -> {
                    compareBytes(name, pair, differences);
                    compare(name, pair, differences);
                });
                assertThat(differences).isEmpty();
            } finally {
                twins.values().forEach(Twins::close);
            }
        }
    }

    /** Without schemas, every byte counts: names and their order, forms of numbers, and escapes. */
    private static void compareBytes(String variant, Twins pair, List<String> differences) {
        Map<String, List<JsonNode>> allOfTheirs = pair.theirs();
        Map<String, List<JsonNode>> allOfOurs = pair.bytes();
        for (String table : OracleTables.TABLES) {
            List<JsonNode> theirs = KnownDifference.withoutEmptyTransactions(table, allOfTheirs.get(table));
            List<JsonNode> ours = allOfOurs.get(table);
            assertThat(ours).as("records of %s as bytes", table).hasSameSizeAs(theirs);
            for (int i = 0; i < theirs.size(); i++) {
                ObjectNode their = WithoutSchema.of(theirs.get(i));
                ObjectNode our = WithoutSchema.wrapped(ours.get(i));
                for (KnownDifference known : KnownDifference.values()) {
                    known.takeOut(table, their, our);
                }
                if (!their.toString().equals(our.toString())) {
                    differences.add(variant + " as bytes, " + table + " record " + i + ": theirs " + their + ", ours "
                            + our + " " + Differences.of(their, our));
                }
            }
        }
    }

    private static void compare(String variant, Twins pair, List<String> differences) {
        Map<String, List<JsonNode>> allOfTheirs = pair.theirs();
        Map<String, List<JsonNode>> allOfOurs = pair.ours();
        for (String table : OracleTables.TABLES) {
            List<JsonNode> theirs = KnownDifference.withoutEmptyTransactions(table, allOfTheirs.get(table));
            List<JsonNode> ours = allOfOurs.get(table);
            assertThat(theirs).as("records of %s", table).isNotEmpty();
            if (theirs.size() != ours.size()) {
                differences.add(variant + " " + table + ": " + theirs.size() + " records of theirs, " + ours.size()
                        + " of ours");
            }
            for (int i = 0; i < Math.min(theirs.size(), ours.size()); i++) {
                String where = variant + " " + table + " record " + i;
                for (KnownDifference known : KnownDifference.values()) {
                    known.takeOut(table, (ObjectNode) theirs.get(i), (ObjectNode) ours.get(i));
                }
                Differences.of(theirs.get(i), ours.get(i)).forEach(difference -> differences.add(where + difference));
            }
        }
    }
}
