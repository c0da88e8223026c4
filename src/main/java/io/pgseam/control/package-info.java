/** The control topic: the connector's own log of anchors, chunks, catch-ups and seams, as JSON records. */
@NullMarked
package io.pgseam.control;

import org.jspecify.annotations.NullMarked;
