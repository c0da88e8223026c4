@NullMarked
package io.pgseam.capture;

import org.jspecify.annotations.NullMarked;
