/** The words of PostgreSQL that the connector speaks: positions, names, types, rows. Knows no Kafka and does no I/O. */
@NullMarked
package io.pgseam.pg;

import org.jspecify.annotations.NullMarked;
