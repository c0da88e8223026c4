package io.pgseam.corpus;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.corpus.Delivered.Row;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.TestDatabase;
import java.util.List;

/** The judge of the corpora finds what is wrong, and nothing in what is right. */
class ServerOracleIT extends DatabaseScenario {

    private static final String KEY = "{\"id\":1}";
    private static final String VALUE =
            "{\"id\":1,\"n\":\"1.10\",\"f\":1e-05,\"b\":true,\"at\":\"2020-02-29 12:30:00\","
                    + "\"raw\":\"AP8=\",\"doc\":{\"a\": \"\\u0000\"},\"list\":[[\"x\",null],[\"NULL\",\"\\\"\"]],"
                    + "\"part\":{\"x\":7,\"y z\":[\"2020-02-29 12:30:00\"]},\"fixed\":\"ab  \"}";

    @OnEachPostgres
    void theServerJudgesWhatWasDelivered(int version) throws Exception {
        TestDatabase database = database(version);
        database.execute(
                "CREATE TYPE part AS (x int, \"y z\" timestamptz[])",
                "CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8, b bool, at timestamptz, raw bytea, doc json,"
                        + " list text[], part part, fixed char(4))",
                "INSERT INTO t VALUES (1, 1.10, 1e-5, true, '2020-02-29 12:30+00', '\\x00ff', '{\"a\": \"\\u0000\"}',"
                        + " '[2:3][1:2]={{x,NULL},{\"NULL\",\"\\\"\"}}', ROW(7, ARRAY['2020-02-29 12:30+00'::timestamptz]),"
                        + " 'ab')");
        try (ServerOracle oracle = new ServerOracle(database)) {
            assertThatCode(() -> oracle.assertDelivered("t", "t", List.of(new Row(KEY, VALUE))))
                    .doesNotThrowAnyException();
            assertFound(oracle, List.of(), "1 rows missing, 0 rows too many");
            assertFound(
                    oracle,
                    List.of(new Row(KEY, VALUE), new Row("{\"id\":2}", VALUE.replace("\"id\":1", "\"id\":2"))),
                    "0 rows missing, 1 rows too many");
            assertFound(oracle, List.of(new Row("{\"id\":2}", VALUE)), "wrong key");
            assertFound(oracle, List.of(new Row(null, VALUE)), "wrong key");
            assertFound(oracle, List.of(new Row(KEY, VALUE.replace("\"fixed\"", "\"other\""))), "wrong fields");
            for (String[] change : new String[][] {
                {"\"1.10\"", "\"1.1\""},
                {"\"1.10\"", "1.10"},
                {"1e-05", "1e-06"},
                {"true", "\"true\""},
                {"12:30:00\",\"raw", "12:30:00+00\",\"raw"},
                {"AP8=", "AP4="},
                {"{\"a\": \"", "{\"b\": \""},
                {"[\"x\",null]", "[\"x\",\"null\"]"},
                {"\"NULL\"", "null"},
                {"\"x\":7", "\"x\":\"7\""},
                {"\"y z\":[\"2020", "\"y z\":[\"2021"},
                {"\"ab  \"", "\"ab\""}
            }) {
                assertFound(oracle, List.of(new Row(KEY, VALUE.replace(change[0], change[1]))), "1 rows missing");
            }
        }
    }

    private static void assertFound(ServerOracle oracle, List<Row> rows, String message) {
        assertThatThrownBy(() -> oracle.assertDelivered("t", "t", rows))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }
}
