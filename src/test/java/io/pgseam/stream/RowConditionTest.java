package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the text of a condition shows before any server sees it. */
class RowConditionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id = 7",
                "id IN (1, 2, 3) AND (note LIKE 'a--b;%' OR note IS NULL)",
                "\"Größe\" > 1.5 AND größe < .5 AND n = 1e3",
                "note = 'it''s (one'",
                "data->>'state' = 'open'",
                "lower(note) = 'x' AND at >= '2026-01-01'::timestamptz",
                "CASE WHEN id > 1 THEN true ELSE false END",
                "\"select\" = 1",
                "a - 1 > 2 * b / 3",
                "note LIKE '%now%'"
            })
    void anExpressionOfTheTablesColumnsHasNoFault(String text) {
        assertThat(RowCondition.of(text).fault()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "true) TO STDOUT; DROP TABLE orders; --",
                "true) UNION ALL SELECT 1 FROM other WHERE (true",
                "id = 1) OR (true",
                "(id = 1",
                "id = 1; DROP TABLE x",
                "id = 1 -- and more",
                "id = 1 /* and more",
                "note = 'open",
                "\"open = 1",
                "note = E'\\''",
                "note = $$x$$",
                "id = $1",
                "id IN (SELECT id FROM other)",
                "id IN (select/**/id)",
                "EXISTS (TABLE other)",
                "id = (WITH x AS (VALUES (1)) TABLE x)",
                "public.evil(id)",
                "evil . f(id)",
                "public.\"evil\"(id)",
                "\"evil\"(id)",
                "'x'::public.domain = id",
                "id OPERATOR(public.=) 1",
                "orders.id = 1",
                "touched > now() - interval '1 day'",
                "touched > CURRENT_TIMESTAMP",
                "touched > 'Today 04:00'::timestamp",
                "touched > 'now'",
                "age(touched) < '1 day'"
            })
    void whatIsMoreThanThatHasOne(String text) {
        assertThat(RowCondition.of(text).fault()).isNotBlank();
    }

    @Test
    void tooLongIsAFault() {
        assertThat(RowCondition.of("id = " + "1".repeat(2_000)).fault()).contains("2000");
    }

    @Test
    void namesWhatMayBeFunctions() {
        assertThat(RowCondition.of("Lower (a) = upper(b) AND pg_sleep(1) IS NULL AND 'f(' = a")
                        .functions())
                .containsExactly("lower", "pg_sleep", "upper");
    }
}
