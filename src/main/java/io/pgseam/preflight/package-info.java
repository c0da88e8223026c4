/** Checks a configuration against the source it points at, before anything is started. */
@NullMarked
package io.pgseam.preflight;

import org.jspecify.annotations.NullMarked;
