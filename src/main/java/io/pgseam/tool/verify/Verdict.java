package io.pgseam.tool.verify;

import java.util.Locale;

/** What a check has found. In the order of how bad it is to hear. */
public enum Verdict {
    /** Proved equal. */
    EQUAL,
    /** Neither proved equal nor proved different. */
    UNKNOWN,
    /** Proved different. */
    DIFFERENT;

    /** The worse one: a difference outweighs what is not known. */
    public Verdict and(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** As JSON has it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
