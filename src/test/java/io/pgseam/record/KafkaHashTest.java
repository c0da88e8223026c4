package io.pgseam.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Seed;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class KafkaHashTest {

    @Test
    void isTheHashOfKafkasPartitioner() {
        Random random = Seed.random(KafkaHashTest.class);
        byte[] bytes = new byte[70];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(bytes);
            int length = random.nextInt(bytes.length + 1);
            assertThat(KafkaHash.of(bytes, length)).isEqualTo(Utils.murmur2(Arrays.copyOf(bytes, length)));
        }
    }
}
