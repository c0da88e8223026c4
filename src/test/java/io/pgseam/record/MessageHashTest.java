package io.pgseam.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

class MessageHashTest {

    /** Whoever checks a manifest may use any implementation. */
    @Test
    void isThePublishedHashForEveryLengthAndSeed() {
        Random random = Seed.random(MessageHashTest.class);
        XXHash64 published = XXHashFactory.safeInstance().hash64();
        for (int length = 0; length < 300; length++) {
            byte[] bytes = new byte[length + 20];
            random.nextBytes(bytes);
            int from = random.nextInt(20);
            long seed = random.nextLong();
            assertThat(MessageHash.xxHash(bytes, from, from + length, seed))
                    .isEqualTo(published.hash(bytes, from, length, seed));
        }
    }

    /** Written into manifests: to change it is to make the earlier ones incomparable. */
    @Test
    void staysWhatItIs() {
        assertThat(MessageHash.xxHash(new byte[0], 0, 0, 0)).isEqualTo(0xef46db3751d8e999L);
        assertThat(MessageHash.of(null, bytes("abc"))).isEqualTo(0x44bc2cf5ad770999L);
        assertThat(MessageHash.of(bytes("{\"id\":1}"), bytes("{\"id\":1,\"note\":\"x\",\"__op\":0}")))
                .isEqualTo(0xd3c42f8a644812a0L);
    }

    @Test
    void aKeyOrAValueThatIsAnotherOneIsNoticed() {
        long hash = MessageHash.of(bytes("1"), bytes("2"));
        assertThat(MessageHash.of(bytes("2"), bytes("1"))).isNotEqualTo(hash);
        assertThat(MessageHash.of(null, bytes("2"))).isNotEqualTo(hash);
        assertThat(MessageHash.of(bytes(""), bytes("2"))).isNotEqualTo(MessageHash.of(null, bytes("2")));
        assertThat(MessageHash.of(bytes("1"), bytes("2\n"))).isNotEqualTo(hash);
    }

    @Test
    void aRowWithinAMessageHasTheHashThatItHasAlone() {
        byte[] packed = bytes("{\"id\":1}\n{\"id\":2}");
        assertThat(MessageHash.of(bytes("7"), packed, 9, 17))
                .isEqualTo(MessageHash.of(bytes("7"), bytes("{\"id\":2}")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
