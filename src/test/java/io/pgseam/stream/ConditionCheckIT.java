package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real server says of conditions, and that it only plans them. */
class ConditionCheckIT {

    private static TestDatabase database;
    private static Sessions sessions;
    private static long oid;

    @BeforeAll
    static void createTable() throws SQLException {
        database = PostgresServer.shared(18).createDatabase();
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE TABLE orders (id int PRIMARY KEY, note text, at timestamptz, data jsonb, mood mood, iban text, hidden int)",
                "INSERT INTO orders SELECT i, 'n', now(), '{}', 'sad', 'DE1', 1 FROM generate_series(1, 100) i",
                "CREATE SEQUENCE used",
                "CREATE FUNCTION evil(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE FUNCTION lower(int) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT nextval(''used'')::text'");
        sessions = new Sessions(database.connectionSettings());
        oid = Long.parseLong(database.queryOne("SELECT 'orders'::regclass::oid::text"));
    }

    @AfterAll
    static void close() throws SQLException {
        sessions.close();
        database.close();
    }

    private static @Nullable String fault(String text) throws SQLException {
        RowCondition condition = RowCondition.of(text);
        assertThat(condition.fault()).isNull();
        return catalog()
                .fault(oid, List.of("id", "note", "at", "data", "mood", "iban"), condition)
                .orElse(null);
    }

    private static SessionCatalog catalog() {
        return new SessionCatalog(
                sessions,
                any -> true,
                (table, column) -> true,
                any -> List.of(),
                (table, column) -> column.equals("iban"),
                (session, unread) -> List.of(),
                CoveredTables.ALL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id = 7",
                "id IN (1, 2) AND lower(note) LIKE 'a%'",
                "at >= '2026-01-01'::timestamptz",
                "data->>'state' = 'open' OR data ? 'x'",
                "mood = 'happy'",
                "substring(note, 1, 2) = 'ab' AND left(note, 1) = 'a' AND coalesce(note, '') <> ''",
                "note ~ '^[a-z]{2}$' AND '{1,2}'::int[] @> ARRAY[id]"
            })
    void takesAnExpression(String text) throws SQLException {
        assertThat(fault(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id = = 1|a syntax error",
                "id|not true or false",
                "secret_value = 1|no such column",
                "note = \"secret_value\"|no such column",
                "iban = 'DE1'|masked",
                "hidden = 1|not captured",
                "orders::text LIKE '%DE1%'|no such column",
                "ctid < '(1,0)'|no such column",
                "id = 'secret_value'|22P02",
                "1/0 = id|22012",
                "nextval('used') > 0|function nextval",
                "pg_sleep(3600) IS NULL|function pg_sleep",
                "query_to_xml('secret_value', true, true, '') IS NULL|function query_to_xml",
                "table_to_xml('orders', true, true, '') IS NULL|function table_to_xml",
                "random() < 0.5|function random",
                "id = ANY (unnest(ARRAY[1]))|function unnest",
                "evil(id)|42883",
                "lower(id) = 'x'|42883",
                "max(id) = 1|function max"
            })
    void refusesWithoutQuotingIt(String text, String reason) throws SQLException {
        assertThat(fault(text)).contains(reason).doesNotContain("secret_value");
        assertThat(database.queryOne("SELECT is_called::text FROM used")).isEqualTo("false");
    }

    @Test
    void doesNotWaitForALockedTable() throws Exception {
        try (var lock = database.connect();
                var statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
            assertThat(fault("id = 7")).contains("locked");
        }
    }

    @Test
    void theSessionCanBeUsedFurther() throws SQLException {
        SessionCatalog catalog = catalog();
        assertThat(catalog.fault(oid, List.of("id"), RowCondition.of("id = = 1")))
                .isNotNull();
        assertThat(catalog.fault(oid, List.of("id"), RowCondition.of("id = 1"))).isEmpty();
        assertThat(catalog.table(oid)).isPresent();
    }
}
