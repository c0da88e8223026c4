/** Which tables are captured, and which selected tables are set aside: one decision for validation and for run time. */
@NullMarked
package io.pgseam.capture;

import org.jspecify.annotations.NullMarked;
