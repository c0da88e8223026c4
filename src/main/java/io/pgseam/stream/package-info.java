/** Streaming: change events from the slot, on the same topics and with the same rendering as the copied rows. */
@NullMarked
package io.pgseam.stream;

import org.jspecify.annotations.NullMarked;
