package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TypeOids;
import io.pgseam.record.json.JsonBuffer;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueRendererTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(ints = {TypeOids.INT2, TypeOids.INT4, TypeOids.INT8, TypeOids.OID})
    void integersAreNumbers(int oid) {
        assertThat(render(SampleTypes.builtIn(oid, "integer"), "-32768")).isEqualTo("-32768");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "-0", "1e+20", "1e-05", "1.7976931348623157e+308", "5e-324", "3.4028235e+38"})
    void floatsAreNumbers(String text) throws JsonProcessingException {
        assertThat(render(SampleTypes.FLOAT8, text)).isEqualTo(text);
        assertThat(JSON.readTree(text).doubleValue()).isEqualTo(Double.parseDouble(text));
    }

    @Test
    void numericsAreStringsWithEveryDigit() {
        assertThat(render(SampleTypes.NUMERIC, "-12345678901234567890.1234567890000"))
                .isEqualTo("\"-12345678901234567890.1234567890000\"");
    }

    @Test
    void boolsAreTrueAndFalse() {
        assertThat(render(SampleTypes.BOOL, "t")).isEqualTo("true");
        assertThat(render(SampleTypes.BOOL, "f")).isEqualTo("false");
        assertMalformed(SampleTypes.BOOL, "true");
        assertMalformed(SampleTypes.BOOL, "");
    }

    @Test
    void textIsEscaped() {
        assertThat(render(SampleTypes.TEXT, "a \"quoted\" C:\\path\n")).isEqualTo("\"a \\\"quoted\\\" C:\\\\path\\n\"");
        assertThat(render(SampleTypes.TEXT, "")).isEqualTo("\"\"");
    }

    @Test
    void uuidsAreStrings() {
        String uuid = "0d4b2a4e-3d3c-4f59-9b4e-2f0c0a8f5d11";
        assertThat(render(SampleTypes.UUID, uuid)).isEqualTo('"' + uuid + '"');
    }

    @ParameterizedTest
    @EnumSource(
            value = PgType.Kind.class,
            names = {"BASE", "ENUM", "RANGE", "MULTIRANGE", "PSEUDO"})
    void typesWithoutARendererAreStringsWithPostgresText(PgType.Kind kind) {
        assertThat(render(SampleTypes.of(kind), "[1,\"2\")")).isEqualTo("\"[1,\\\"2\\\")\"");
    }

    @Test
    void vectorsAreStringsThoughTheirCategoryIsArray() {
        PgType vector = new PgType(
                TypeOids.INT2VECTOR, "pg_catalog", "int2vector", PgType.Kind.ARRAY, SampleTypes.INT4, -1, ',');
        assertThat(render(vector, "1 2")).isEqualTo("\"1 2\"");
        assertThat(render(SampleTypes.array(vector), "{\"1 2\",NULL}")).isEqualTo("[\"1 2\",null]");
    }

    @Test
    void datesAndTimestampsAreIsoText() {
        assertThat(render(SampleTypes.DATE, "2024-05-01")).isEqualTo("\"2024-05-01\"");
        assertThat(render(SampleTypes.TIMESTAMP, "0001-01-01 00:00:00")).isEqualTo("\"0001-01-01 00:00:00\"");
        assertThat(render(SampleTypes.TIMESTAMP, "9999-12-31 23:59:59.999999"))
                .isEqualTo("\"9999-12-31 23:59:59.999999\"");
        assertThat(render(SampleTypes.TIME, "23:59:59.5")).isEqualTo("\"23:59:59.5\"");
    }

    @Test
    void timestampsWithTimeZoneLoseTheOffsetOfUtc() {
        assertThat(render(SampleTypes.TIMESTAMPTZ, "2024-05-01 10:00:00+00")).isEqualTo("\"2024-05-01 10:00:00\"");
        assertThat(render(SampleTypes.TIMESTAMPTZ, "2024-05-01 10:00:00.12+00"))
                .isEqualTo("\"2024-05-01 10:00:00.12\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-05-01 10:00:00+02",
                "2024-05-01 10:00:00-03:00",
                "2024-05-01 10:00:00+05:00",
                "2024-05-01 10:00:00+00:19:32",
                "2024-05-01 10:00:00",
                "01/05/2024 10:00:00 UTC",
                "+00",
                ""
            })
    void timestampsWithAnotherOffsetAreRefused(String text) {
        assertMalformed(SampleTypes.TIMESTAMPTZ, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"05/01/2024", "1.5.2024", "05-01-2024", "", "2024", "20240501", "12345678901"})
    void datesInAnotherStyleAreRefused(String text) {
        assertMalformed(SampleTypes.DATE, text);
        assertMalformed(SampleTypes.TIMESTAMP, text);
        assertMalformed(SampleTypes.TIMESTAMPTZ, text);
    }

    @ParameterizedTest
    @CsvSource({
        "date, infinity",
        "date, -infinity",
        "date, 0044-03-15 BC",
        "date, 10000-01-01",
        "date, 5874897-12-31",
        "timestamp, infinity",
        "timestamp, -infinity",
        "timestamp, 0044-03-15 12:00:00 BC",
        "timestamp, 294276-12-31 23:59:59.999999",
        "timestamptz, infinity",
        "timestamptz, -infinity",
        "timestamptz, 0044-03-15 12:00:00+00 BC",
        "timestamptz, 10000-01-01 00:00:00+00",
        "time, 24:00:00",
        "timetz, 24:00:00+02",
        "float4, NaN",
        "float8, Infinity",
        "float8, -Infinity",
        "numeric, NaN",
        "numeric, Infinity",
        "numeric, -Infinity"
    })
    void whatTheTargetCannotHoldFollowsThePolicy(String typeName, String text) {
        PgType type = typeNamed(typeName);
        assertThat(render(type, text, UnrepresentablePolicy.NULL)).isEqualTo("null");
        assertThat(render(type, text, UnrepresentablePolicy.STRING)).isEqualTo('"' + text + '"');
        assertThatThrownBy(() -> render(type, text, UnrepresentablePolicy.FAIL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the policy for such values is to fail");
    }

    @Test
    void thePolicyHoldsInsideArraysToo() {
        assertThat(render(SampleTypes.array(SampleTypes.FLOAT8), "{1,NaN,2}", UnrepresentablePolicy.NULL))
                .isEqualTo("[1,null,2]");
    }

    @Test
    void jsonIsEmbeddedAsItIs() {
        String json = "{\"a\": [1, null,\n \"\\u0000\"]}";
        assertThat(render(SampleTypes.JSON, json)).isEqualTo(json);
        assertThat(render(SampleTypes.JSONB, json)).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud83d\\ude00\"",
                "{\"\\uD83D\\uDE00 \\\\ud800\": \"\\u00e9\\\"\\ud7ff\\ue000\"}",
                "[\"\\\\\\\\ud83d\", \"\\ud83d\\ude00\\ud83d\\ude00\"]"
            })
    void jsonWithWholeCharactersIsEmbedded(String json) {
        assertThat(render(SampleTypes.JSON, json)).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud83d\"",
                "\"\\uDE00\"",
                "{\"a\": \"\\\\\\ud83d \\ude00\"}",
                "\"\\ude00\\ud83d\"",
                "\"\\ud83d\\ud83d\\ude00\"",
                "{\"\\ud83d\\u00e9\": 1}"
            })
    void jsonWithHalfASurrogatePairFollowsThePolicy(String json) throws JsonProcessingException {
        assertThat(render(SampleTypes.JSON, json, UnrepresentablePolicy.NULL)).isEqualTo("null");
        assertThat(JSON.readTree(render(SampleTypes.JSON, json, UnrepresentablePolicy.STRING))
                        .textValue())
                .isEqualTo(json);
        assertThatThrownBy(() -> render(SampleTypes.JSON, json, UnrepresentablePolicy.FAIL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("half a surrogate pair");
    }

    @Test
    void aSingleByteIsWrittenAsNewerServersWriteIt() {
        PgType type = SampleTypes.builtIn(TypeOids.CHAR, "char");
        assertThat(render(type, "")).isEqualTo("\"\"");
        assertThat(render(type, "x")).isEqualTo("\"x\"");
        assertThat(render(type, "\\303")).isEqualTo("\"\\\\303\"");
        JsonBuffer out = new JsonBuffer();
        renderer(type, UnrepresentablePolicy.FAIL).render(new byte[] {(byte) 0xC3}, 0, 1, out);
        assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("\"\\\\303\"");
    }

    @Test
    void byteaIsBase64() {
        Random random = Seed.random(ValueRendererTest.class);
        for (int length = 0; length < 300; length++) {
            byte[] value = new byte[length];
            random.nextBytes(value);
            assertThat(render(SampleTypes.BYTEA, "\\x" + HexFormat.of().formatHex(value)))
                    .isEqualTo('"' + Base64.getEncoder().encodeToString(value) + '"');
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\", "abc", "\\001", "\\x1", "x012"})
    void byteaThatIsNotHexadecimalIsRefused(String text) {
        assertMalformed(SampleTypes.BYTEA, text);
    }

    @Test
    void domainsAreRenderedAsTheirBaseType() {
        assertThat(render(SampleTypes.domain(SampleTypes.domain(SampleTypes.INT4)), "7"))
                .isEqualTo("7");
        assertThat(render(SampleTypes.domain(SampleTypes.array(SampleTypes.INT4)), "{7}"))
                .isEqualTo("[7]");
        assertThat(render(SampleTypes.array(SampleTypes.domain(SampleTypes.BOOL)), "{t,f}"))
                .isEqualTo("[true,false]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                " | {} ",
                "\"\"=>\"\" | {\"\":\"\"}",
                "\"a\"=>\"1\", \"b\"=>NULL | {\"a\":\"1\",\"b\":null}",
                "\"a\"=>NULL | {\"a\":null}",
                "\"q\\\"\\\\\"=>\"NULL\", \"=>\"=>\", \" | {\"q\\\"\\\\\":\"NULL\",\"=>\":\", \"}"
            })
    void hstoreIsAnObject(String text, String json) {
        assertThat(render(SampleTypes.HSTORE, text == null ? "" : text)).isEqualTo(json);
    }

    @Test
    void anyCutOfAnHstoreIsRefused() {
        String text = "\"a\\\"\"=>\"1\", \"b\"=>NULL";
        int whole = "\"a\\\"\"=>\"1\"".length();
        for (int length = 1; length < text.length(); length++) {
            if (length != whole) {
                assertMalformed(SampleTypes.HSTORE, text.substring(0, length));
            }
        }
        assertMalformed(SampleTypes.HSTORE, "\"a\"=>NIL, ");
    }

    @Test
    void theTextAroundAValueIsNotRead() throws JsonProcessingException {
        List<PgType> types =
                List.of(SampleTypes.INT4, SampleTypes.TEXT, SampleTypes.NUMERIC, SampleTypes.array(SampleTypes.INT4));
        for (PgType type : types) {
            byte[] source = "\"\\\n{12}\"\\\n\"\\\n".getBytes(StandardCharsets.UTF_8);
            boolean array = type.kind() == PgType.Kind.ARRAY;
            JsonBuffer out = new JsonBuffer();
            renderer(type, UnrepresentablePolicy.FAIL).render(source, array ? 3 : 4, array ? 4 : 2, out);
            JsonNode node = JSON.readTree(new String(out.toByteArray(), StandardCharsets.UTF_8));
            assertThat(array ? node.get(0).asInt() : node.asInt()).isEqualTo(12);
        }
    }

    private static PgType typeNamed(String name) {
        return SampleTypes.builtIn(
                switch (name) {
                    case "date" -> TypeOids.DATE;
                    case "time" -> TypeOids.TIME;
                    case "timetz" -> TypeOids.TIMETZ;
                    case "timestamp" -> TypeOids.TIMESTAMP;
                    case "timestamptz" -> TypeOids.TIMESTAMPTZ;
                    case "float4" -> TypeOids.FLOAT4;
                    case "float8" -> TypeOids.FLOAT8;
                    case "numeric" -> TypeOids.NUMERIC;
                    default -> throw new IllegalArgumentException(name);
                },
                name);
    }

    private static void assertMalformed(PgType type, String text) {
        assertThatThrownBy(() -> render(type, text, UnrepresentablePolicy.STRING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not ");
    }

    private static String render(PgType type, String text) {
        return render(type, text, UnrepresentablePolicy.FAIL);
    }

    private static String render(PgType type, String text, UnrepresentablePolicy policy) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        JsonBuffer out = new JsonBuffer();
        renderer(type, policy).render(source, 0, source.length, out);
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }

    private static ValueRenderer renderer(PgType type, UnrepresentablePolicy policy) {
        return ValueRenderer.of(type, new FallbackRenderer(policy, null));
    }
}
