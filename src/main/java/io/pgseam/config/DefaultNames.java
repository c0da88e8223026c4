package io.pgseam.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names that slot and publication have if no setting gives them. They are made from {@code topic.prefix}. Two prefixes never give
 * the same name: connectors that share a slot take each other's changes.
 */
final class DefaultNames {

    /** {@code NAMEDATALEN - 1} of the server. */
    static final int MAX_NAME_BYTES = 63;

    private static final String BEGIN = "pgseam_";
    private static final int DIGEST_BYTES = 5;

    /** What a slot's name may hold. */
    private static final Pattern LEGAL = Pattern.compile("[a-z0-9_]+");

    /** A prefix of this form could be the name of another one that has a digest. */
    private static final Pattern LIKE_DIGEST = Pattern.compile(".*_[0-9a-f]{" + 2 * DIGEST_BYTES + "}");

    private DefaultNames() {}

    /** The prefix itself, if a slot's name can hold it. Else what is left of it, and a digest of the whole. */
    static String of(String topicPrefix) {
        String plain = BEGIN + topicPrefix;
        if (LEGAL.matcher(topicPrefix).matches()
                && plain.length() <= MAX_NAME_BYTES
                && !LIKE_DIGEST.matcher(topicPrefix).matches()) {
            return plain;
        }
        String digest = "_" + digest(topicPrefix);
        return cut(BEGIN + folded(topicPrefix), MAX_NAME_BYTES - digest.length()) + digest;
    }

    /** The name that releases before 0.1 gave. Prefixes that differ only in case, or in characters that a slot's name cannot hold, share it. */
    static String ofEarlierReleases(String topicPrefix) {
        return cut(BEGIN + folded(topicPrefix), MAX_NAME_BYTES);
    }

    private static String folded(String topicPrefix) {
        return topicPrefix.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    }

    private static String cut(String name, int length) {
        return name.substring(0, Math.min(name.length(), length));
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
