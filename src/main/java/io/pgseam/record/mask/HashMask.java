package io.pgseam.record.mask;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A salted hash instead of a value, in hexadecimal, as {@code column.mask.hash} of Debezium's makes it: equal values have equal hashes.
 * It is cut to the characters that the column's type allows.
 *
 * @param input what is hashed after the salt
 * @param algorithm a message digest of the Java platform
 * @param salt the salt; never in a message
 */
public record HashMask(Input input, String algorithm, String salt) implements Mask {

    /** What is hashed after the salt. */
    public enum Input {
        /** The value as Java serializes a String: what Debezium hashed at first. */
        SERIALIZED,
        /** The value in UTF-8, which everybody can compute. */
        TEXT
    }

    /**
     * Makes sure of the algorithm.
     *
     * @throws IllegalArgumentException if the Java platform does not have it
     */
    public HashMask {
        digest(algorithm);
    }

    /** The characters of a hash that is not cut. */
    public int characters() {
        return digest(algorithm).getDigestLength() * 2;
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("'" + algorithm + "' is no hash algorithm of the Java platform", e);
        }
    }

    /** Without the salt. */
    @Override
    public String toString() {
        return "HashMask[" + input + ", " + algorithm + "]";
    }

    @Override
    public long tells() {
        return 1L << Integer.SIZE;
    }

    @Override
    public Masker masker(int mostCharacters) {
        return new Hasher(mostCharacters);
    }

    private final class Hasher implements Masker {

        private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        private static final int STREAM_MAGIC = 0xACED;
        private static final int STREAM_VERSION = 5;
        private static final int SHORT_STRING = 0x74;
        private static final int LONG_STRING = 0x7C;
        private static final int MOST_SHORT_BYTES = 0xFFFF;

        /** First byte of the UTF-8 of a character that is a surrogate pair in Java: each half has three bytes there. */
        private static final int FOUR_BYTES = 0xF0;

        private final MessageDigest digest = digest(algorithm);
        private final byte[] saltBytes = salt.getBytes(StandardCharsets.UTF_8);
        private final byte[] hash = new byte[digest.getDigestLength()];
        private final int characters;

        Hasher(int mostCharacters) {
            int whole = hash.length * 2;
            characters = mostCharacters > 0 ? Math.min(mostCharacters, whole) : whole;
        }

        @Override
        public int mostBytes(int unmasked) {
            return characters;
        }

        @Override
        public int mask(byte[] source, int start, int unmasked, byte[] into, int at) {
            digest.update(saltBytes);
            switch (input) {
                case SERIALIZED -> updateSerialized(source, start, unmasked);
                case TEXT -> digest.update(source, start, unmasked);
            }
            try {
                digest.digest(hash, 0, hash.length);
            } catch (DigestException e) {
                throw new IllegalStateException("a digest that is longer than it said", e);
            }
            for (int i = 0; i < characters; i++) {
                int nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2];
                into[at + i] = DIGITS[nibble & 0xF];
            }
            return characters;
        }

        /** Object Serialization Stream Protocol: header, then a string in "modified UTF-8". */
        private void updateSerialized(byte[] source, int start, int unmasked) {
            long bytes = unmasked;
            for (int i = start; i < start + unmasked; i++) {
                bytes += isPair(source[i]) ? 2 : 0;
            }
            update(STREAM_MAGIC, 2);
            update(STREAM_VERSION, 2);
            if (bytes <= MOST_SHORT_BYTES) {
                update(SHORT_STRING, 1);
                update(bytes, 2);
            } else {
                update(LONG_STRING, 1);
                update(bytes, 8);
            }
            int run = start;
            for (int i = start; i < start + unmasked; i++) {
                if (isPair(source[i])) {
                    digest.update(source, run, i - run);
                    updatePair(source, i);
                    run = i + 4;
                }
            }
            digest.update(source, run, start + unmasked - run);
        }

        private static boolean isPair(byte first) {
            return (first & 0xFF) >= FOUR_BYTES;
        }

        private void updatePair(byte[] source, int at) {
            int character = (source[at] & 0x07) << 18
                    | (source[at + 1] & 0x3F) << 12
                    | (source[at + 2] & 0x3F) << 6
                    | (source[at + 3] & 0x3F);
            updateUnit(Character.highSurrogate(character));
            updateUnit(Character.lowSurrogate(character));
        }

        private void updateUnit(char unit) {
            digest.update((byte) (0xE0 | unit >> 12));
            digest.update((byte) (0x80 | (unit >> 6 & 0x3F)));
            digest.update((byte) (0x80 | (unit & 0x3F)));
        }

        private void update(long number, int bytes) {
            for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
                digest.update((byte) (number >> shift));
            }
        }
    }
}
