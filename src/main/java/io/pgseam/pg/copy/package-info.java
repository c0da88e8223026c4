/** Reads the bytes of {@code COPY … TO STDOUT}: one row of text format at a time, into its fields. */
@NullMarked
package io.pgseam.pg.copy;

import org.jspecify.annotations.NullMarked;
