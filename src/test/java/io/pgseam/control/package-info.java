/** Tests of the control topic's records. */
@NullMarked
package io.pgseam.control;

import org.jspecify.annotations.NullMarked;
