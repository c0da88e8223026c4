package io.pgseam.record.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Seed;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Base64TextTest {

    private final Random random = Seed.random(Base64TextTest.class);
    private final JsonBuffer buffer = new JsonBuffer();

    @Test
    void numbersHaveTheirShortestBytes() {
        for (int bits = 0; bits <= Long.SIZE; bits++) {
            for (int i = 0; i < 100; i++) {
                long number = bits == 0 ? i - 50 : random.nextLong() >> (Long.SIZE - bits);
                buffer.clear();
                Base64Text.append(number, buffer);
                assertWritten(BigInteger.valueOf(number).toByteArray());
            }
        }
    }

    @Test
    void hexadecimalTextBecomesItsBytes() {
        for (int length = 0; length < 40; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            byte[] text = ("x\\x" + HexFormat.of().formatHex(bytes)).getBytes(StandardCharsets.US_ASCII);
            assertThat(Base64Text.isHex(text, 1, text.length - 1)).isTrue();
            buffer.clear();
            Base64Text.appendHex(text, 1, text.length - 1, buffer);
            assertWritten(bytes);
        }
    }

    private void assertWritten(byte[] expected) {
        assertThat(buffer.toByteArray())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("\"" + Base64.getEncoder().encodeToString(expected) + "\"");
    }
}
