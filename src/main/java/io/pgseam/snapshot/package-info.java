/** Copying at an anchor: the chunk grid, the plan, and the work of a copy task. */
@NullMarked
package io.pgseam.snapshot;

import org.jspecify.annotations.NullMarked;
