/** The connector's metrics: what they are called, what they mean, and where a monitoring system finds them. */
@NullMarked
package io.pgseam.metrics;

import org.jspecify.annotations.NullMarked;
