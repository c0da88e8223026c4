package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.PgType;
import io.pgseam.record.json.JsonBuffer;
import io.pgseam.testing.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompositeRendererTest {

    private static final int FUZZ_VALUES = 20_000;
    private static final String LETTERS = "abcdefg(){}=,\"\\\n\t é漢";
    private static final String MUTATIONS = "(),\"\\ \u0001x";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PgType PAIR = SampleTypes.composite(SampleTypes.INT4, SampleTypes.TEXT);

    /** A pair, a number and text, inside another one. */
    private static final PgType NESTED = SampleTypes.composite(SampleTypes.TEXT, PAIR);

    private static final PgType TEXTS =
            SampleTypes.composite(SampleTypes.TEXT, SampleTypes.composite(SampleTypes.TEXT, SampleTypes.TEXT));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "(1,x) | {\"a\":1,\"b\":\"x\"}",
                "(,) | {\"a\":null,\"b\":null}",
                "(-7,\"\") | {\"a\":-7,\"b\":\"\"}",
                "(1,\"a,b\") | {\"a\":1,\"b\":\"a,b\"}",
                "(1,\"say \"\"no\"\"\") | {\"a\":1,\"b\":\"say \\\"no\\\"\"}",
                "(1,\"C:\\\\tmp\") | {\"a\":1,\"b\":\"C:\\\\tmp\"}",
                "(1,\"\"\"\") | {\"a\":1,\"b\":\"\\\"\"}",
                "(1,\"()\") | {\"a\":1,\"b\":\"()\"}",
                "(1,NULL) | {\"a\":1,\"b\":\"NULL\"}",
                "(1,ü漢😀) | {\"a\":1,\"b\":\"ü漢😀\"}"
            })
    void anObjectHasAFieldForEachAttribute(String text, String json) {
        assertThat(render(PAIR, text)).isEqualTo(json);
    }

    @Test
    void aTypeMayHaveOneAttributeOrNone() {
        PgType one = SampleTypes.composite(SampleTypes.INT4);
        assertThat(render(one, "()")).isEqualTo("{\"a\":null}");
        assertThat(render(one, "(5)")).isEqualTo("{\"a\":5}");
        assertThat(render(SampleTypes.composite(), "()")).isEqualTo("{}");
    }

    @Test
    void theNumberOfAttributesTellsWhichFormAValueHas() {
        PgType altered = PAIR.withForms(List.of(
                PAIR.attributes(),
                List.of(attribute("x", SampleTypes.BOOL), attribute("y", PAIR), attribute("z", SampleTypes.TEXT)),
                List.of(attribute("other", SampleTypes.TEXT), attribute("pair", SampleTypes.TEXT)),
                List.of()));
        PgType nested = SampleTypes.composite(altered, SampleTypes.array(altered));
        assertThat(render(altered, "(1,x)")).isEqualTo("{\"a\":1,\"b\":\"x\"}");
        assertThat(render(altered, "(t,\"(1,\"\"a,b\"\")\",)"))
                .isEqualTo("{\"x\":true,\"y\":{\"a\":1,\"b\":\"a,b\"},\"z\":null}");
        assertThat(render(altered, "()")).isEqualTo("{}");
        assertThat(render(nested, "(\"(1,x)\",\"{\"\"(f,,z)\"\"}\")"))
                .isEqualTo("{\"a\":{\"a\":1,\"b\":\"x\"},\"b\":[{\"x\":false,\"y\":null,\"z\":\"z\"}]}");
        assertThatThrownBy(() -> render(altered, "(1,2,3,4)"))
                .isInstanceOf(CompositeRenderer.OtherFormException.class)
                .hasMessageContaining("[2, 3, 2, 0]");
    }

    @Test
    void aValueOfAnotherFormIsSeenAlsoWhereItsAttributesHaveOtherTypes() {
        PgType numbers = SampleTypes.composite(SampleTypes.FLOAT8, SampleTypes.FLOAT8);
        assertThatThrownBy(() -> render(numbers, "(Infinity,1,x)"))
                .isInstanceOf(CompositeRenderer.OtherFormException.class);
        assertThatThrownBy(() -> render(numbers, "(Infinity,1)"))
                .isInstanceOf(IllegalArgumentException.class)
                .isNotInstanceOf(CompositeRenderer.OtherFormException.class);
    }

    private static PgType.Attribute attribute(String name, PgType type) {
        return new PgType.Attribute(name, type, -1);
    }

    @Test
    void attributesUseTheRendererOfTheirType() {
        PgType type = SampleTypes.composite(
                SampleTypes.BYTEA,
                SampleTypes.array(SampleTypes.INT4),
                SampleTypes.HSTORE,
                SampleTypes.TIMESTAMPTZ,
                SampleTypes.domain(PAIR));
        assertThat(
                        render(
                                type,
                                "(\"\\\\x4869\",\"{1,NULL}\",\"\"\"k\"\"=>\"\"v\"\"\",\"2024-05-01 10:00:00+00\",\"(1,\"\"x y\"\")\")"))
                .isEqualTo("{\"a\":\"SGk=\",\"b\":[1,null],\"c\":{\"k\":\"v\"},\"d\":\"2024-05-01 10:00:00\","
                        + "\"e\":{\"a\":1,\"b\":\"x y\"}}");
    }

    @Test
    void compositesCanBeElementsOfArraysAndArraysAttributes() {
        PgType type = SampleTypes.array(SampleTypes.composite(SampleTypes.array(SampleTypes.TEXT), SampleTypes.BOX));
        assertThat(render(type, "{\"(\\\"{a,\\\"\\\"b c\\\"\\\"}\\\",\\\"(2,2),(1,1)\\\")\",NULL,\"(,)\"}"))
                .isEqualTo("[{\"a\":[\"a\",\"b c\"],\"b\":\"(2,2),(1,1)\"},null,{\"a\":null,\"b\":null}]");
    }

    @Test
    void thePolicyForWhatTheTargetCannotHoldReachesAttributes() {
        byte[] source = "(NaN,1)".getBytes(StandardCharsets.UTF_8);
        JsonBuffer out = new JsonBuffer();
        ValueRenderer.of(
                        SampleTypes.composite(SampleTypes.FLOAT8, SampleTypes.FLOAT8),
                        new FallbackRenderer(UnrepresentablePolicy.STRING, null))
                .render(source, 0, source.length, out);
        assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":\"NaN\",\"b\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"()", "(1)", "(1,2,3)", "(,,)", "(\"1\")", "(1,\"x\",)"})
    void aValueWithAnotherNumberOfAttributesSaysThatTheTypeWasAltered(String text) {
        assertThatThrownBy(() -> render(PAIR, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("public.pair", "ALTER TYPE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "(",
                ")",
                "1,x",
                "(1,x",
                "1,x)",
                "(1,x)y",
                "(1,\"x)",
                "(1,\"x\"y)",
                "(1,x\"y\")",
                "(1,x\\y)",
                "(1,\"x\\",
                "(1,(x)",
                "(1,\"x\\\")",
                "{1,x}"
            })
    void malformedTextIsRefused(String text) {
        assertThatThrownBy(() -> render(PAIR, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not PostgreSQL's text of a composite value");
    }

    @Test
    void whateverPostgresWouldWriteIsReadBack() throws JsonProcessingException {
        Random random = Seed.random(CompositeRendererTest.class);
        for (int i = 0; i < FUZZ_VALUES; i++) {
            ObjectNode expected = randomValue(random);
            assertThat(JSON.readTree(render(NESTED, text(expected)))).isEqualTo(expected);
        }
    }

    @Test
    void brokenTextGivesValidJsonOrIsRefused() throws IOException {
        Random random = Seed.random(CompositeRendererTest.class);
        int refused = 0;
        for (int i = 0; i < FUZZ_VALUES; i++) {
            StringBuilder text = new StringBuilder(text(randomValue(random)));
            for (int mutation = 1 + random.nextInt(3); mutation > 0; mutation--) {
                text.setCharAt(random.nextInt(text.length()), MUTATIONS.charAt(random.nextInt(MUTATIONS.length())));
            }
            text.setLength(random.nextBoolean() ? text.length() : random.nextInt(text.length() + 1));
            try {
                assertThat(JSON.readTree(render(TEXTS, text.toString())).isObject())
                        .isTrue();
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(FUZZ_VALUES / 10, FUZZ_VALUES - 1);
    }

    private static ObjectNode randomValue(Random random) {
        ObjectNode value = JSON.createObjectNode();
        value.put("a", random.nextInt(5) == 0 ? null : randomText(random));
        if (random.nextInt(5) == 0) {
            value.putNull("b");
        } else {
            value.putObject("b")
                    .put("a", random.nextInt())
                    .put("b", random.nextInt(5) == 0 ? null : randomText(random));
        }
        return value;
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    /** As record_out writes it. */
    private static String text(JsonNode object) {
        List<String> attributes = new ArrayList<>();
        object.forEach(attribute -> {
            if (attribute.isNull()) {
                attributes.add("");
            } else {
                String value = attribute.isObject() ? text(attribute) : attribute.asText();
                boolean quotes = value.isEmpty() || value.matches("(?s).*[\"\\\\(),\\s].*");
                attributes.add(quotes ? '"' + value.replaceAll("[\"\\\\]", "$0$0") + '"' : value);
            }
        });
        return "(" + String.join(",", attributes) + ")";
    }

    private static String render(PgType type, String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        JsonBuffer out = new JsonBuffer();
        ValueRenderer.of(type, new FallbackRenderer(UnrepresentablePolicy.FAIL, null))
                .render(source, 0, source.length, out);
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }
}
