package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.testing.Matrix;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Map;

/**
 * Settings of the role and the database that change the text of values, or what statements mean. Copied, streamed and looked up values have
 * to be the same all the same (invariant I6).
 */
class HostileSettingsIT extends ConnectorScenario {

    private static final String[] OF_THE_ROLE = {
        "DateStyle = 'German'",
        "IntervalStyle = 'iso_8601'",
        "TimeZone = 'Asia/Tokyo'",
        "extra_float_digits = -15",
        "bytea_output = 'escape'",
        "xmloption = 'document'",
        "search_path = public",
        "lc_monetary = 'C.UTF-8'",
        "quote_all_identifiers = on",
        "standard_conforming_strings = off",
        "client_encoding = 'LATIN1'"
    };

    private static final String[] OF_THE_DATABASE = {
        "array_nulls = off",
        "transform_null_equals = on",
        "default_transaction_isolation = 'serializable'",
        "default_transaction_deferrable = on",
        "statement_timeout = '1s'",
        "lock_timeout = '1ms'",
        "idle_in_transaction_session_timeout = '1s'",
        "enable_indexscan = off",
        "TimeZone = 'America/Caracas'"
    };

    private static final String VALUES =
            "'1234.5'::money, '-0.01'::money, '2024-02-03'::date, '2024-02-03 04:05:06.7'::timestamp,"
                    + " '2024-02-03 04:05:06.7+00'::timestamptz, '04:05+02'::timetz, '1 year 2 mons 3 days 04:05:06'::interval,"
                    + " 0.1::float8 + 0.2::float8, 1.1::float4, '\\x00ff41'::bytea, 'public.t'::regclass, 'int4'::regtype, 'größe\\n'::text,"
                    + " '<a/>'::xml, ARRAY[NULL, '2024-02-03 04:05:06+00'::timestamptz], tstzrange('2024-02-03 04:05:06+00', NULL),"
                    + " (SELECT array_agg('1234.5'::money) FROM generate_series(1, 500)),"
                    + " (SELECT array_agg('2024-02-03 04:05:06+00'::timestamptz) FROM generate_series(1, 500))";

    @Matrix(build = "18", nightly = "14")
    void valuesAreTheSameInEachPhase(int version) throws Exception {
        TestDatabase database = database(version);
        String role = "hostile_" + version;
        database.execute(
                "CREATE ROLE " + role + " SUPERUSER LOGIN REPLICATION PASSWORD 'secret'",
                "CREATE TABLE t (id int PRIMARY KEY, n int, m money, negative money, d date, ts timestamp, tstz timestamptz,"
                        + " ttz timetz, i interval, f float8, r float4, b bytea, rel regclass, typ regtype, txt text, x xml,"
                        + " a timestamptz[], range tstzrange, large_m money[], large_t timestamptz[])",
                "ALTER TABLE t ALTER large_m SET STORAGE EXTERNAL, ALTER large_t SET STORAGE EXTERNAL",
                "SET TimeZone = 'UTC'; INSERT INTO t SELECT 1, 0, " + VALUES);
        try {
            alter(database, role);
            assertSame(database, role);
        } finally {
            database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    private static void alter(TestDatabase database, String role) throws SQLException {
        for (String setting : OF_THE_ROLE) {
            database.execute("ALTER ROLE " + role + " SET " + setting);
        }
        for (String setting : OF_THE_DATABASE) {
            database.execute("ALTER DATABASE \"" + database.name() + "\" SET " + setting);
        }
    }

    private void assertSame(TestDatabase database, String role) throws Exception {
        try (RunningConnector connector = RunningConnector.create(
                cluster, database, database.name(), "database.user=" + role, "database.password=secret")) {
            connector.awaitSeam();
            JsonNode copied = row(connector, 1);
            assertThat(copied.path("m").asText()).isEqualTo("$1,234.50");
            assertThat(copied.path("negative").asText()).isEqualTo("-$0.01");
            assertThat(copied.path("d").asText()).isEqualTo("2024-02-03");
            assertThat(copied.path("f").decimalValue()).isEqualByComparingTo("0.30000000000000004");
            assertThat(copied.path("rel").asText()).isEqualTo("public.t");
            assertThat(copied.path("b").asText()).isEqualTo("AP9B");
            database.execute(
                    "SET lock_timeout = 0; SET default_transaction_isolation = 'read committed'; SET TimeZone = 'UTC';"
                            + " SET standard_conforming_strings = on; SET DateStyle = 'ISO, YMD'; SET array_nulls = on;"
                            + " INSERT INTO t SELECT 2, 0, " + VALUES,
                    "UPDATE t SET n = 1 WHERE id = 1");
            connector.awaitCaughtUp();
            assertThat(row(connector, 1).path("n").asInt())
                    .as("its large values were looked up")
                    .isEqualTo(1);
            for (int id : new int[] {1, 2}) {
                assertThat(values(row(connector, id))).isEqualTo(values(copied));
            }
        }
    }

    private static JsonNode row(RunningConnector connector, int id) {
        Map<JsonNode, JsonNode> rows = connector.replay("public.t").rows(connector.topic("public.t"));
        return rows.entrySet().stream()
                .filter(row -> row.getKey().path("id").asInt() == id)
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    /** Everything but what differs by the change. */
    private static JsonNode values(JsonNode row) {
        ObjectNode values = row.deepCopy();
        values.remove("id");
        values.remove("n");
        values.properties().removeIf(field -> field.getKey().startsWith("__"));
        return values;
    }
}
