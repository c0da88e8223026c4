/** Entry of the command line {@code pgseam}. */
@NullMarked
package io.pgseam.tool;

import org.jspecify.annotations.NullMarked;
