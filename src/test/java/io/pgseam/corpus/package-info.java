/** Whole databases carried through both phases, with the source's own server to judge what was delivered. */
@NullMarked
package io.pgseam.corpus;

import org.jspecify.annotations.NullMarked;
