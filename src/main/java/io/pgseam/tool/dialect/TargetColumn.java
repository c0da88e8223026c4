package io.pgseam.tool.dialect;

import org.jspecify.annotations.Nullable;

/**
 * A column of a table at the other end.
 *
 * @param name its name, as in the source and in messages
 * @param shape what its values look like
 * @param key whether it is part of the key
 * @param sourceType its type in the source, as {@code numeric(12,2)}
 * @param sourceComment its comment in the source; null for none
 */
public record TargetColumn(
        String name,
        Shape shape,
        boolean key,
        String sourceType,
        @Nullable String sourceComment) {

    private static final int LONGEST_COMMENT = 255;

    /** Type and comment of the source. */
    String comment() {
        String text = sourceComment == null || sourceComment.isBlank() ? sourceType : sourceType + ": " + sourceComment;
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_COMMENT ? line : line.substring(0, LONGEST_COMMENT - 1) + "…";
    }
}
