package io.pgseam.quickstart;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * 128 bits that stand for a list of texts, so that a million rows can be held against a million others in little memory.
 *
 * @param high its first half
 * @param low its second half
 */
record Digest(long high, long low) {

    private static final int NULL_LENGTH = -1;

    /** Makes digests. Belongs to one thread. */
    static final class Maker {

        private final MessageDigest digest;
        private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);

        Maker() {
            try {
                digest = MessageDigest.getInstance("MD5");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has MD5", e);
            }
        }

        /** Equal lists have equal digests, and NULL is not the empty text. */
        Digest of(List<@Nullable String> texts) {
            for (String text : texts) {
                if (text == null) {
                    digest.update(length.putInt(0, NULL_LENGTH).rewind());
                } else {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    digest.update(length.putInt(0, bytes.length).rewind());
                    digest.update(bytes);
                }
            }
            ByteBuffer result = ByteBuffer.wrap(digest.digest());
            return new Digest(result.getLong(), result.getLong());
        }
    }
}
