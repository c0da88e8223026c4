/** Tries to break pgseam: random histories of writers and faults, each from a seed, and an oracle that judges what is left. */
@NullMarked
package io.pgseam.history;

import org.jspecify.annotations.NullMarked;
