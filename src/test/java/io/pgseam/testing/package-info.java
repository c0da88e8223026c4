/** What integration tests stand on: real PostgreSQL servers, a real Kafka Connect cluster, and readers of both sides. */
@NullMarked
package io.pgseam.testing;

import org.jspecify.annotations.NullMarked;
