/** Reads the ledger: what Connect has durably committed of the connector's source offsets. */
@NullMarked
package io.pgseam.ledger;

import org.jspecify.annotations.NullMarked;
