/** What commands are given: a connector's configuration, and how to reach Kafka and Connect. */
@NullMarked
package io.pgseam.tool.input;

import org.jspecify.annotations.NullMarked;
