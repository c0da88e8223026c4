/** Looks for everything that would go wrong, before a connector is created. */
@NullMarked
package io.pgseam.preflight;

import org.jspecify.annotations.NullMarked;
