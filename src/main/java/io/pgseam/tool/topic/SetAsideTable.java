package io.pgseam.tool.topic;

import io.pgseam.capture.Unfitness;
import java.util.Arrays;

/**
 * A selected table that is not captured, as the control topic has it.
 *
 * @param table {@code schema.table}
 * @param reason the code of an {@link Unfitness}; a later version may have others
 * @param detail what exactly is wrong
 * @param remedy what to do, as an imperative; may be empty
 */
public record SetAsideTable(String table, String reason, String detail, String remedy) {

    /** What is wrong. */
    public String why() {
        return Arrays.stream(Unfitness.values())
                .filter(known -> known.code().equals(reason))
                .findFirst()
                .map(known -> known.text() + " (" + detail + ")")
                .orElse(detail);
    }
}
