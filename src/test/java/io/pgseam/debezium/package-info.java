/** Debezium's envelope, held against Debezium's own connector. */
@NullMarked
package io.pgseam.debezium;

import org.jspecify.annotations.NullMarked;
