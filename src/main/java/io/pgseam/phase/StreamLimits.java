package io.pgseam.phase;

import org.jspecify.annotations.Nullable;

/**
 * Between which LSNs changes are streamed, by the settings.
 *
 * @param begin where the stream begins if nothing is committed yet; null for all that the slot has
 * @param end where the stream is to end; null for never
 * @param continuation at which slot that was created again the stream may continue; null for none
 */
public record StreamLimits(
        @Nullable StreamBegin begin,
        @Nullable StreamEnd end,
        @Nullable SlotContinuation continuation) {

    /** Everything that the slot has, for good. */
    public static final StreamLimits NONE = new StreamLimits(null, null, null);
}
