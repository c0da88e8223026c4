package io.pgseam.pg.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TextRow;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Random bytes, good and bad. The system property {@code pgseam.seed} replays a run by the seed that it printed. */
class MessageDecoderFuzzTest {

    private static final long SEED = Long.getLong("pgseam.seed", System.nanoTime());
    private static final int MESSAGES = 5_000;

    private final Random random = new Random(SEED);
    private final RandomMessages messages = new RandomMessages(random);
    private final MessageDecoder decoder = new MessageDecoder();

    @BeforeEach
    void printTheSeed() {
        System.out.println("MessageDecoderFuzzTest: -Dpgseam.seed=" + SEED);
    }

    @Test
    void decodesWhatThePluginWrote() {
        for (int i = 0; i < MESSAGES; i++) {
            RandomMessages.Sample sample = messages.next();

            Message decoded = decoder.decode(MessageEncoder.buffer(sample.bytes()));

            assertThat(MessageText.of(decoded))
                    .as("seed %d, message %d", SEED, i)
                    .isEqualTo(sample.text());
        }
    }

    @Test
    void refusesEveryTruncation() {
        for (int i = 0; i < MESSAGES / 10; i++) {
            byte[] bytes = messages.next().bytes();
            for (int length = 0; length < bytes.length; length++) {
                Message decoded = decodeOrRefuse(Arrays.copyOf(bytes, length));

                assertThat(decoded)
                        .as("seed %d, message %d cut to %d bytes", SEED, i, length)
                        .isNull();
            }
        }
    }

    @Test
    void refusesEveryTrailingByte() {
        for (int i = 0; i < MESSAGES; i++) {
            byte[] bytes = messages.next().bytes();
            byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
            longer[bytes.length] = (byte) random.nextInt();

            assertThat(decodeOrRefuse(longer))
                    .as("seed %d, message %d", SEED, i)
                    .isNull();
        }
    }

    @Test
    void refusesOrDecodesWhateverWasChanged() {
        int decoded = 0;
        for (int i = 0; i < 10 * MESSAGES; i++) {
            byte[] bytes = messages.next().bytes();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = interestingByte();
            }
            decoded += decodeOrRefuse(bytes) == null ? 0 : 1;
        }
        assertThat(decoded).as("seed %d, both outcomes were seen", SEED).isBetween(1, 10 * MESSAGES - 1);
    }

    @Test
    void refusesOrDecodesGarbage() {
        byte[] types = {'B', 'C', 'O', 'R', 'Y', 'I', 'U', 'D', 'T', 'M', 'S'};
        for (int i = 0; i < 10 * MESSAGES; i++) {
            byte[] bytes = new byte[1 + random.nextInt(64)];
            random.nextBytes(bytes);
            for (int changes = random.nextInt(bytes.length); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = interestingByte();
            }
            bytes[0] = types[random.nextInt(types.length)];
            decodeOrRefuse(bytes);
        }
    }

    /** The message, or null where it was refused as documented. Any other exception fails the test. */
    private @Nullable Message decodeOrRefuse(byte[] bytes) {
        ByteBuffer buffer = MessageEncoder.buffer(bytes);
        try {
            Message message = decoder.decode(buffer);
            assertRowsLieWithin(message, buffer);
            return message;
        } catch (MalformedMessageException e) {
            assertThat(e.position()).as("seed %d", SEED).isBetween(0, bytes.length);
            assertThat(e).as("seed %d", SEED).hasMessageNotContaining(RandomMessages.CONTENT);
            return null;
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + SEED + ": " + Arrays.toString(bytes), e);
        }
    }

    private static void assertRowsLieWithin(Message message, ByteBuffer buffer) {
        if (message instanceof Insert insert) {
            assertRowLiesWithin(insert.row(), buffer);
        } else if (message instanceof Delete delete) {
            assertRowLiesWithin(delete.oldRow(), buffer);
        } else if (message instanceof Update update) {
            assertRowLiesWithin(update.newRow(), buffer);
            TextRow oldRow = update.oldRow();
            if (oldRow != null) {
                assertRowLiesWithin(oldRow, buffer);
            }
        }
    }

    private static void assertRowLiesWithin(TextRow row, ByteBuffer buffer) {
        assertThat(row.bytes()).isSameAs(buffer.array());
        for (int field = 0; field < row.size(); field++) {
            if (row.length(field) >= 0) {
                assertThat(row.start(field)).isGreaterThanOrEqualTo(buffer.arrayOffset());
                assertThat((long) row.start(field) + row.length(field))
                        .isLessThanOrEqualTo(buffer.arrayOffset() + buffer.limit());
            }
        }
    }

    private byte interestingByte() {
        byte[] interesting = {0, 1, 2, -1, Byte.MIN_VALUE, Byte.MAX_VALUE, 'N', 'K', 'O', 't', 'n', 'u', 'b', 'd'};
        return random.nextBoolean() ? interesting[random.nextInt(interesting.length)] : (byte) random.nextInt();
    }
}
