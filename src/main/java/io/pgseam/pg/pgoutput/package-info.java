/** Bytes of the pgoutput plugin, protocol version 1 in text mode, to messages. */
@NullMarked
package io.pgseam.pg.pgoutput;

import org.jspecify.annotations.NullMarked;
