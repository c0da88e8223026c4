/** Rows and changes to source records: what every output format can do. */
@NullMarked
package io.pgseam.record;

import org.jspecify.annotations.NullMarked;
