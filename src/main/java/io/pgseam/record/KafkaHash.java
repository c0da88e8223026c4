package io.pgseam.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hash by which Kafka's producer chooses the partition of a key, {@code Utils.murmur2}, of part of an array. It decides the bucket of
 * a row, so it must never change.
 */
public final class KafkaHash {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int SEED = 0x9747b28c;
    private static final int FACTOR = 0x5bd1e995;

    private KafkaHash() {}

    /** The hash of the first {@code length} bytes. */
    public static int of(byte[] bytes, int length) {
        int hash = SEED ^ length;
        int at = 0;
        for (; at + Integer.BYTES <= length; at += Integer.BYTES) {
            int word = (int) INTS.get(bytes, at) * FACTOR;
            word = (word ^ (word >>> 24)) * FACTOR;
            hash = (hash * FACTOR) ^ word;
        }
        if (at < length) {
            for (int rest = length - 1; rest >= at; rest--) {
                hash ^= (bytes[rest] & 0xff) << (Byte.SIZE * (rest - at));
            }
            hash *= FACTOR;
        }
        hash = (hash ^ (hash >>> 13)) * FACTOR;
        return hash ^ (hash >>> 15);
    }
}
