package io.pgseam.record.flat;

import io.pgseam.record.json.JsonBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Renders the values of one column that the target cannot hold, as the policy says, and counts them.
 *
 * @param policy what becomes of them
 * @param tally counts them; null where they are counted elsewhere
 */
record FallbackRenderer(UnrepresentablePolicy policy, UnrepresentableValues.@Nullable Tally tally)
        implements ValueRenderer {

    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        if (tally != null) {
            tally.add();
        }
        switch (policy) {
            case NULL -> out.appendNull();
            case STRING -> out.appendString(source, start, length);
            case FAIL ->
                throw new IllegalArgumentException(
                        "the target cannot hold a value of it (" + UnrepresentablePolicy.VALUES
                                + "), and the policy for such values is to fail: correct the row, or choose another policy"
                                + " with flat.unrepresentable");
        }
    }
}
