@NullMarked
package io.pgseam.preflight;

import org.jspecify.annotations.NullMarked;
