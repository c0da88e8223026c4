/** How a command ends: its exit status, or a failure that says what to do. */
@NullMarked
package io.pgseam.tool.outcome;

import org.jspecify.annotations.NullMarked;
