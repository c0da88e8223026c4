/** Makes Kafka records of rows: what all formats have in common. The only package that may use Connect's data classes. */
@NullMarked
package io.pgseam.record;

import org.jspecify.annotations.NullMarked;
