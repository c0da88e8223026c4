package io.pgseam.pg.pgoutput;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MessageDecoderAllocationTest {

    private static final int ROUNDS = 20_000;

    /** An object header, an OID and three references: what the largest of the three messages needs. */
    private static final int BYTES_FOR_ONE_SMALL_OBJECT = 48;

    private final MessageDecoder decoder = new MessageDecoder();

    @Test
    void allocatesNothingForAChangeButItsMessage() {
        assertThat(bytesPerDecode(message('I')
                        .int32(7)
                        .int8('N')
                        .int16(3)
                        .value("42")
                        .nothing()
                        .value("a value that would show in the sum if it were copied")
                        .toBuffer()))
                .isLessThanOrEqualTo(BYTES_FOR_ONE_SMALL_OBJECT);
        assertThat(bytesPerDecode(message('U')
                        .int32(7)
                        .int8('O')
                        .int16(2)
                        .value("41")
                        .nothing()
                        .int8('N')
                        .int16(2)
                        .value("42")
                        .unchanged()
                        .toBuffer()))
                .isLessThanOrEqualTo(BYTES_FOR_ONE_SMALL_OBJECT);
        assertThat(bytesPerDecode(
                        message('D').int32(7).int8('K').int16(1).value("41").toBuffer()))
                .isLessThanOrEqualTo(BYTES_FOR_ONE_SMALL_OBJECT);
    }

    private double bytesPerDecode(ByteBuffer change) {
        assumeThat(ManagementFactory.getThreadMXBean())
                .as("this JVM counts allocated bytes")
                .isInstanceOf(ThreadMXBean.class);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        decodeRepeatedly(change);
        long before = threads.getCurrentThreadAllocatedBytes();
        decodeRepeatedly(change);
        return (threads.getCurrentThreadAllocatedBytes() - before) / (double) ROUNDS;
    }

    private void decodeRepeatedly(ByteBuffer change) {
        for (int round = 0; round < ROUNDS; round++) {
            decoder.decode(change);
        }
    }
}
