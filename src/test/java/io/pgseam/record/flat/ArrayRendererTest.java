package io.pgseam.record.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.pgseam.pg.PgType;
import io.pgseam.record.json.JsonBuffer;
import io.pgseam.testing.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayRendererTest {

    private static final int FUZZ_ARRAYS = 20_000;
    private static final String LETTERS = "abcdefg{}[]=,\"\\\n\t éN漢";
    private static final String MUTATIONS = "{}[]=,;\"\\N \u0001x";
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{} | []",
                "{1} | [1]",
                "{1,NULL,-3} | [1,null,-3]",
                "{{1,2},{3,NULL}} | [[1,2],[3,null]]",
                "{{{1}},{{2}}} | [[[1]],[[2]]]",
                "[0:2]={1,2,3} | [1,2,3]",
                "[-1:0][5:5]={{1},{2}} | [[1],[2]]"
            })
    void rendersIntegers(String text, String json) {
        assertThat(render(SampleTypes.INT4, text)).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{a,b c} | [\"a\",\"b c\"]",
                "{\"\",\"NULL\",NULL,null,NULLS} | [\"\",\"NULL\",null,\"null\",\"NULLS\"]",
                "{\"a,b\",\"{}\",\"x\\\"y\",\"back\\\\slash\"} | [\"a,b\",\"{}\",\"x\\\"y\",\"back\\\\slash\"]",
                "{ü,\"漢 字\",😀} | [\"ü\",\"漢 字\",\"😀\"]"
            })
    void rendersText(String text, String json) {
        assertThat(render(SampleTypes.TEXT, text)).isEqualTo(json);
    }

    @Test
    void elementsUseTheRendererOfTheirType() {
        assertThat(render(SampleTypes.BOOL, "{t,NULL,f}")).isEqualTo("[true,null,false]");
        assertThat(render(SampleTypes.TIMESTAMPTZ, "{\"2024-05-01 10:00:00+00\"}"))
                .isEqualTo("[\"2024-05-01 10:00:00\"]");
        assertThat(render(SampleTypes.BYTEA, "{\"\\\\x4869\"}")).isEqualTo("[\"SGk=\"]");
        assertThat(render(SampleTypes.JSONB, "{\"{\\\"a\\\": \\\"x\\\\\\\\y\\\"}\",1,\"null\",NULL}"))
                .isEqualTo("[{\"a\": \"x\\\\y\"},1,null,null]");
        assertThat(render(SampleTypes.HSTORE, "{\"\\\"k\\\"=>\\\"v\\\"\"}")).isEqualTo("[{\"k\":\"v\"}]");
    }

    @Test
    void arraysInADomainCanBeElements() {
        PgType inner = SampleTypes.domain(SampleTypes.array(SampleTypes.TEXT));
        assertThat(render(inner, "{\"{a,\\\"b c\\\"}\",\"{\\\"\\\\\\\"\\\"}\"}"))
                .isEqualTo("[[\"a\",\"b c\"],[\"\\\"\"]]");
    }

    @Test
    void elementsAreDividedAsTheirTypeSays() {
        assertThat(render(SampleTypes.BOX, "{(2,2),(1,1);NULL}")).isEqualTo("[\"(2,2),(1,1)\",null]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "{",
                "{1",
                "{1,",
                "{1,}",
                "{,1}",
                "{,}",
                "}",
                "{}}",
                "{1}}",
                "{1}x",
                "{1}{2}",
                "{1 {2}}",
                "{\"a",
                "{\"a\\",
                "{\"a\\\"",
                "{\"a\"b}",
                "{a\"b\"}",
                "{a\\b}",
                "[0:1]",
                "[0:1",
                "[0:1]=",
                "[0:1]=1",
                "{{1}{2}}",
                "{{1},2",
                "{{{{{{{1}}}}}}}",
                "NULL"
            })
    void malformedTextIsRefused(String text) {
        assertThatThrownBy(() -> render(SampleTypes.TEXT, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not PostgreSQL's text of an array");
    }

    @Test
    void whateverPostgresWouldWriteIsReadBack() throws JsonProcessingException {
        Random random = Seed.random(ArrayRendererTest.class);
        for (int i = 0; i < FUZZ_ARRAYS; i++) {
            ArrayNode expected = randomArray(random, 1 + random.nextInt(3));
            StringBuilder text = new StringBuilder(random.nextInt(5) == 0 ? "[3:4][0:9]=" : "");
            write(expected, text, random);
            assertThat(JSON.readTree(render(SampleTypes.TEXT, text.toString()))).isEqualTo(expected);
        }
    }

    @Test
    void brokenTextGivesValidJsonOrIsRefused() throws IOException {
        Random random = Seed.random(ArrayRendererTest.class);
        int refused = 0;
        for (int i = 0; i < FUZZ_ARRAYS; i++) {
            StringBuilder text = new StringBuilder();
            write(randomArray(random, 1 + random.nextInt(3)), text, random);
            for (int mutation = 1 + random.nextInt(3); mutation > 0; mutation--) {
                text.setCharAt(random.nextInt(text.length()), MUTATIONS.charAt(random.nextInt(MUTATIONS.length())));
            }
            text.setLength(random.nextBoolean() ? text.length() : random.nextInt(text.length() + 1));
            try {
                assertThat(JSON.readTree(render(SampleTypes.TEXT, text.toString()))
                                .isArray())
                        .isTrue();
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(FUZZ_ARRAYS / 10, FUZZ_ARRAYS - 1);
    }

    private static ArrayNode randomArray(Random random, int dimensions) {
        ArrayNode array = JSON.createArrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
            if (dimensions > 1) {
                array.add(randomArray(random, dimensions - 1));
            } else if (random.nextInt(5) == 0) {
                array.addNull();
            } else {
                array.add(randomText(random));
            }
        }
        return array;
    }

    private static String randomText(Random random) {
        if (random.nextInt(10) == 0) {
            return "NULL";
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    /** Quotes where PostgreSQL must, and now and then where it would not. */
    private static void write(JsonNode node, StringBuilder text, Random random) {
        if (node.isNull()) {
            text.append("NULL");
        } else if (node.isTextual()) {
            String value = node.textValue();
            boolean mustQuote = value.isEmpty() || value.equals("NULL") || !value.matches("[a-gN=\\[\\]é漢]+");
            if (mustQuote || random.nextInt(4) == 0) {
                text.append('"')
                        .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                        .append('"');
            } else {
                text.append(value);
            }
        } else {
            text.append('{');
            for (int i = 0; i < node.size(); i++) {
                text.append(i == 0 ? "" : ",");
                write(node.get(i), text, random);
            }
            text.append('}');
        }
    }

    private static String render(PgType element, String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        JsonBuffer out = new JsonBuffer();
        ValueRenderer.of(SampleTypes.array(element), new FallbackRenderer(UnrepresentablePolicy.FAIL, null))
                .render(source, 0, source.length, out);
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }
}
