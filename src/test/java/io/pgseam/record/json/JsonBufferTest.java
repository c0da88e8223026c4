package io.pgseam.record.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.testing.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonBufferTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonBuffer buffer = new JsonBuffer();

    @Test
    void everyCharacterOfEveryPlaneIsReadBackByAJsonParser() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                text.appendCodePoint(character);
            }
            if (text.length() >= 4096 || character == Character.MAX_CODE_POINT) {
                assertThat(JSON.readValue(string(text.toString()), String.class))
                        .isEqualTo(text.toString());
                text.setLength(0);
            }
        }
    }

    @Test
    void everyControlCharacterIsEscapedWhereverItStands() throws IOException {
        for (char character = 0; character < 0x80; character++) {
            for (int before = 0; before < 18; before++) {
                String text = "x".repeat(before) + character + "é".repeat(17 - before);
                byte[] json = string(text);
                assertThat(JSON.readValue(json, String.class)).isEqualTo(text);
                for (byte written : json) {
                    assertThat(written & 0xFF).isGreaterThanOrEqualTo(0x20);
                }
            }
        }
    }

    @Test
    void onlyWhatJsonDemandsIsEscaped() {
        assertThat(string("</a> \u007f\u2028 ž \"\\\b\f\n\r\t\u0001\u001f"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("\"</a> \u007f\u2028 ž \\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"");
    }

    /** Jackson writes pairs of surrogates as escapes if it writes bytes. */
    @Test
    void jacksonsEscapesAreThoseOfJackson() throws IOException {
        Random random = Seed.random(JsonBufferTest.class);
        JsonBuffer jackson = new JsonBuffer(JsonBuffer.Escapes.JACKSON);
        int[] alphabet = "abcdefgh é漢\u07ff\u0800\uffff\"\\\n\u0000\u001f\u007f/😀\uDBFF\uDFFF𐀀"
                .codePoints()
                .toArray();
        for (int i = 0; i < 20_000; i++) {
            int letters = random.nextBoolean() ? alphabet.length : 10;
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.appendCodePoint(alphabet[random.nextInt(letters)]);
            }
            byte[] source = ("xx" + text + "\"tail").getBytes(StandardCharsets.UTF_8);
            int tail = random.nextBoolean() ? 5 : 0;
            byte[] bytes = Arrays.copyOf(source, source.length - 5 + tail);
            jackson.clear();
            jackson.appendString(bytes, 2, bytes.length - 2 - tail);
            assertThat(jackson.toByteArray())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(new String(JSON.writeValueAsBytes(text.toString()), StandardCharsets.UTF_8));
        }
    }

    @Test
    void numbersAreWrittenAsJavaWritesThem() {
        for (long number : new long[] {0, 1, -1, 9, 10, -10, 1_000_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE}) {
            buffer.clear();
            buffer.appendSigned(number);
            assertThat(buffer.toByteArray()).asString(StandardCharsets.UTF_8).isEqualTo(Long.toString(number));
        }
    }

    @Test
    void randomTextIsReadBackWhereverItLies() throws IOException {
        Random random = Seed.random(JsonBufferTest.class);
        String alphabet = "abcdefgh é漢\"\\\n\u0000";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            int letters = random.nextBoolean() ? alphabet.length() : 11;
            for (int length = random.nextInt(random.nextInt(50) == 0 ? 3000 : 40); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(letters)));
            }
            byte[] value = text.toString().getBytes(StandardCharsets.UTF_8);
            int before = random.nextInt(12);
            byte[] source = new byte[before + value.length + random.nextInt(12)];
            System.arraycopy(value, 0, source, before, value.length);
            buffer.clear();
            buffer.appendString(source, before, value.length);
            assertThat(JSON.readValue(buffer.toByteArray(), String.class)).isEqualTo(text.toString());
        }
    }

    @Test
    void unsignedNumbersAreWrittenInDecimal() {
        Random random = Seed.random(JsonBufferTest.class);
        long[] borders = {0, 1, 9, 10, 99, 100, Long.MAX_VALUE, Long.MIN_VALUE, -1, -10};
        for (long value : borders) {
            assertThat(unsigned(value)).isEqualTo(Long.toUnsignedString(value));
        }
        for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
            assertThat(unsigned(power - 1)).isEqualTo(Long.toString(power - 1));
            assertThat(unsigned(power * 10)).isEqualTo(Long.toString(power * 10));
        }
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            assertThat(unsigned(value)).isEqualTo(Long.toUnsignedString(value));
        }
    }

    @Test
    void aHugeValueDoesNotKeepItsMemory() {
        byte[] huge = new byte[4 * JsonBuffer.RETAINED_BYTES];
        buffer.append(huge);
        assertThat(buffer.room(0).length).isGreaterThan(huge.length);
        buffer.clear();
        assertThat(buffer.room(0).length).isLessThanOrEqualTo(JsonBuffer.RETAINED_BYTES);
    }

    private byte[] string(String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        buffer.clear();
        buffer.appendString(source, 0, source.length);
        return buffer.toByteArray();
    }

    private String unsigned(long value) {
        buffer.clear();
        buffer.appendUnsigned(value);
        return new String(buffer.toByteArray(), StandardCharsets.US_ASCII);
    }
}
