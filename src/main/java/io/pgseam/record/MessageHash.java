package io.pgseam.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The hash of a row as it is sent. Sums of it, modulo 2^64, tell whether two sets of rows are the same, whatever their order: they are
 * in the manifests on the control topic, and a reader of the table's topic can compute them again.
 *
 * <p>It is the published 64-bit xxHash (XXH64) of the value's bytes. The seed is the xxHash of the key's bytes with seed 0, or 0 if
 * the message has no key. No method takes memory.
 */
public final class MessageHash {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;
    private static final int STRIPE = 32;

    private MessageHash() {}

    /** The hash of a message with this key and this value. */
    public static long of(byte @Nullable [] key, byte[] value) {
        return of(key, value, 0, value.length);
    }

    /**
     * The hash of one row of a message.
     *
     * @param key the message's key; null if it has none
     * @param value the message's value
     * @param from where the row begins in the value
     * @param to where it ends
     */
    public static long of(byte @Nullable [] key, byte[] value, int from, int to) {
        return xxHash(value, from, to, key == null ? 0 : xxHash(key, 0, key.length, 0));
    }

    /** XXH64 of the bytes in {@code [from, to)}: a part of a row, for comparisons. */
    public static long of(byte[] bytes, int from, int to, long seed) {
        return xxHash(bytes, from, to, seed);
    }

    /** XXH64 of the bytes in {@code [from, to)}. */
    static long xxHash(byte[] bytes, int from, int to, long seed) {
        int at = from;
        long hash = seed + PRIME_5;
        if (to - from >= STRIPE) {
            long first = seed + PRIME_1 + PRIME_2;
            long second = seed + PRIME_2;
            long third = seed;
            long fourth = seed - PRIME_1;
            for (; at <= to - STRIPE; at += STRIPE) {
                first = round(first, (long) LONG.get(bytes, at));
                second = round(second, (long) LONG.get(bytes, at + 8));
                third = round(third, (long) LONG.get(bytes, at + 16));
                fourth = round(fourth, (long) LONG.get(bytes, at + 24));
            }
            hash = Long.rotateLeft(first, 1)
                    + Long.rotateLeft(second, 7)
                    + Long.rotateLeft(third, 12)
                    + Long.rotateLeft(fourth, 18);
            hash = merge(hash, first);
            hash = merge(hash, second);
            hash = merge(hash, third);
            hash = merge(hash, fourth);
        }
        return rest(bytes, at, to, hash + (to - from));
    }

    private static long rest(byte[] bytes, int from, int to, long before) {
        int at = from;
        long hash = before;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            hash = Long.rotateLeft(hash ^ round(0, (long) LONG.get(bytes, at)), 27) * PRIME_1 + PRIME_4;
        }
        if (at <= to - Integer.BYTES) {
            long word = (int) INT.get(bytes, at) & 0xFFFF_FFFFL;
            hash = Long.rotateLeft(hash ^ word * PRIME_1, 23) * PRIME_2 + PRIME_3;
            at += Integer.BYTES;
        }
        for (; at < to; at++) {
            hash = Long.rotateLeft(hash ^ (bytes[at] & 0xFF) * PRIME_5, 11) * PRIME_1;
        }
        hash = (hash ^ hash >>> 33) * PRIME_2;
        hash = (hash ^ hash >>> 29) * PRIME_3;
        return hash ^ hash >>> 32;
    }

    private static long round(long lane, long word) {
        return Long.rotateLeft(lane + word * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
    }
}
