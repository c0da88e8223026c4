/** Records in the envelope of Debezium's PostgreSQL connector, made with its own classes; no other package touches them. */
@NullMarked
package io.pgseam.record.debezium;

import org.jspecify.annotations.NullMarked;
