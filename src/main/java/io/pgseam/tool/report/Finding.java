package io.pgseam.tool.report;

/**
 * Something that speaks for or against signing off.
 *
 * @param weight how much
 * @param text for people
 */
public record Finding(Weight weight, String text) {

    /** How much a finding weighs, the lightest first. */
    public enum Weight {
        /** Speaks for it, or is neutral. */
        GOOD,
        /** A person has to decide whether it matters. */
        RESERVATION,
        /** Speaks against it. */
        BAD
    }
}
