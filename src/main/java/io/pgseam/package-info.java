/** The connector and its tasks as Kafka Connect sees them: wiring only, every decision lies in the packages below. */
@NullMarked
package io.pgseam;

import org.jspecify.annotations.NullMarked;
