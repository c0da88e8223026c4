package io.pgseam.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Doris;
import io.pgseam.tool.dialect.ServerVersion;
import io.pgseam.tool.dialect.Shape;
import io.pgseam.tool.dialect.Shape.Kind;
import io.pgseam.tool.dialect.StarRocks;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.verify.ColumnMatch.Precision;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a match of a column proves, and which texts of two databases count as the same value. */
class ColumnMatchTest {

    private static final Set<Kind> FLOATS = EnumSet.of(Kind.FLOAT4, Kind.FLOAT8);
    private static final Set<Kind> DOCUMENTS = EnumSet.of(Kind.JSON, Kind.DOCUMENT);

    private static Shape shape(Kind kind) {
        return switch (kind) {
            case DECIMAL -> new Shape(kind, 12, 2, null);
            case BOUNDED_TEXT -> new Shape(kind, 10, 0, null);
            case ARRAY -> new Shape(kind, 0, 0, new Shape(Kind.INT4, 0, 0, null));
            default -> new Shape(kind, 0, 0, null);
        };
    }

    private static ColumnMatch match(Shape shape, String type, DatabaseKind kind) {
        return ColumnMatch.of(new TargetColumn("c", shape, false, "a type", null), type, kind);
    }

    /** Only what the documentation names as such is compared with less precision in the tables that pgseam makes. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void typesThatAreMadeForAColumnHoldIt(Kind kind) {
        Precision expected = FLOATS.contains(kind) || DOCUMENTS.contains(kind) || kind == Kind.ARRAY
                ? Precision.PARSED
                : Precision.EXACT;
        Precision expectedOfJson = DOCUMENTS.contains(kind) ? Precision.LOSSY : expected;
        Shape shape = shape(kind);
        StarRocks starRocks = new StarRocks(ServerVersion.parse("3.5"));
        assertThat(match(shape, new ClickHouse().type(shape, false), DatabaseKind.CLICKHOUSE)
                        .precision())
                .isEqualTo(expected);
        assertThat(match(shape, new ClickHouse().type(shape, true), DatabaseKind.CLICKHOUSE)
                        .precision())
                .isEqualTo(expected);
        assertThat(match(shape, starRocks.type(shape, false, false), DatabaseKind.STARROCKS)
                        .precision())
                .isEqualTo(expectedOfJson);
        assertThat(match(shape, starRocks.type(shape, false, true), DatabaseKind.STARROCKS)
                        .precision())
                .isEqualTo(expected);
        assertThat(match(shape, new Doris().type(shape, false, false), DatabaseKind.DORIS)
                        .precision())
                .isEqualTo(expectedOfJson);
        assertThat(match(shape, new Doris().type(shape, true, true), DatabaseKind.DORIS)
                        .precision())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INT8         | int(11)                  | int(11) does not hold every a type",
                "UINT4        | Int32                    | Int32 does not hold every a type",
                "INT8         | double                   | double holds 53 bits of an integer",
                "FLOAT8       | float                    | float holds 24 bits of a float8",
                "DECIMAL      | decimal(12,1)            | decimal(12,1) does not hold every a type: compared to 1 digits after the"
                        + " point",
                "DECIMAL      | decimal(11,2)            | decimal(11,2) does not hold every a type: compared to 2 digits after the"
                        + " point",
                "NUMERIC      | Nullable(Float64)        | Nullable(Float64) holds 15 digits of a numeric",
                "TIMESTAMP    | Nullable(DateTime)       | Nullable(DateTime) has no microseconds: compared to 0 digits of a second",
                "TIMESTAMP    | DateTime64(3, 'UTC')     | DateTime64(3, 'UTC') has no microseconds: compared to 3 digits of a"
                        + " second",
                "TIMESTAMP    | date                     | date has no time",
                "BOUNDED_TEXT | varchar(39)              | varchar(39) does not hold every a type",
                "TEXT         | varchar(255)             | varchar(255) does not hold every a type",
                "JSON         | json                     | json holds fractions and integers of more than 64 bits as doubles:"
                        + " compared as JSON with such numbers",
                "ARRAY        | array<tinyint(4)>        | as an array; tinyint(4) does not hold every a type",
            })
    void typesThatHoldLess(Kind kind, String type, String note) {
        DatabaseKind target = type.contains("64") || type.contains("Int") || type.contains("Date")
                ? DatabaseKind.CLICKHOUSE
                : DatabaseKind.DORIS;
        ColumnMatch match = match(shape(kind), type, target);
        assertThat(match.precision()).isEqualTo(Precision.LOSSY);
        assertThat(match.note()).isEqualTo(note);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "BOOLEAN   | BOOLEAN          | true                      | 1                           | true",
                "BOOLEAN   | Bool             | false                     | true                        | false",
                "INT8      | BIGINT           | 9007199254740993          | 9007199254740992            | false",
                "FLOAT4    | FLOAT            | 0.1                       | 0.10000000149011612         | true",
                "FLOAT8    | DOUBLE           | 1e+22                     | 10000000000000000000000     | true",
                "FLOAT8    | Float64          | NaN                       | nan                         | true",
                "FLOAT8    | Float64          | -Infinity                 | -inf                        | true",
                "FLOAT8    | DOUBLE           | -0                        | 0                           | true",
                "FLOAT8    | DOUBLE           | 0.1                       | 0.10000000000000002         | false",
                "DECIMAL   | DECIMAL(12,2)    | 1.50                      | 1.5                         | true",
                "DECIMAL   | DECIMAL(12,2)    | 100.00                    | 100                         | true",
                "DECIMAL   | DECIMAL(12,2)    | 100                       | 1                           | false",
                "DECIMAL   | DECIMAL(12,2)    | -0.00                     | 0                           | true",
                "DECIMAL   | DECIMAL(12,1)    | 1.26                      | 1.3                         | true",
                "DECIMAL   | DECIMAL(12,1)    | 1.26                      | 1.2                         | true",
                "DECIMAL   | DECIMAL(12,1)    | 1.26                      | 1.5                         | false",
                "NUMERIC   | VARCHAR(1048576) | 1.50                      | 1.5                         | false",
                "DATE      | DateTime64(6)    | 2026-01-02                | 2026-01-02 00:00:00.000000  | true",
                "DATE      | DateTime64(6)    | 2026-01-02                | 2026-01-02 00:00:00.000001  | false",
                "TIMESTAMP | DATETIME         | 2026-01-02 03:04:05.6     | 2026-01-02 03:04:05.600000  | true",
                "TIMESTAMP | DATETIME         | 2026-01-02 03:04:00       | 2026-01-02 03:04:00         | true",
                "TIMESTAMP | DATETIME         | 2026-01-02 00:00:00       | 2026-01-02 03:04:00         | false",
                "JSON      | STRING           | {\"b\":1.0,\"a\":[1,2]}   | {\"a\": [1, 2], \"b\": 1}   | true",
                "JSON      | STRING           | {\"a\":0.1}               | {\"a\":0.10000000000000001} | false",
                "JSON      | JSON             | {\"a\":0.1}               | {\"a\":0.10000000000000001} | true",
                "JSON      | JSON             | {\"a\":9007199254740993}  | {\"a\":9007199254740992}    | false",
                "JSON      | String           | a text                    | a text                      | true",
                "ARRAY     | Array(Int32)     | [1,null]                  | [1, null]                   | true",
                "ARRAY     | Array(Int32)     | [1,null]                  | [null,1]                    | false",
                "ARRAY     | Array(Int32)     | []                        | [null]                      | false",
                "TEXT      | String           | a                         | A                           | false",
            })
    void values(Kind kind, String type, String source, String found, boolean same) {
        DatabaseKind target =
                type.equals(type.toUpperCase(java.util.Locale.ROOT)) ? DatabaseKind.STARROCKS : DatabaseKind.CLICKHOUSE;
        ColumnMatch match = match(shape(kind), type, target);
        assertThat(match.same(form(match, source), form(match, found))).isEqualTo(same);
    }

    private static byte[] form(ColumnMatch match, String text) {
        FieldValue value = new FieldValue();
        value.set(text);
        match.form().apply(value);
        return value.text().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void escapesOfJsonStrings() {
        FieldValue value = new FieldValue();
        byte[] json = "[\"a\\\"\\\\\\n\\u0001é\"]".getBytes(StandardCharsets.UTF_8);
        value.setString(json, 1, json.length - 1);
        assertThat(value.text()).isEqualTo("a\"\\\n\u0001é");
    }
}
