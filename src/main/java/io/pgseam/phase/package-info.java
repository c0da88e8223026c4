/** The ledger kept in source offsets, and the decision which phase follows from it: pure, no Kafka, no PostgreSQL. */
@NullMarked
package io.pgseam.phase;

import org.jspecify.annotations.NullMarked;
