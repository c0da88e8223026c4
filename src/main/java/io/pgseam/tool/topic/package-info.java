/** What commands read from Kafka: the control topic and the offsets of topics. Knows the documented JSON, not the code that writes it. */
@NullMarked
package io.pgseam.tool.topic;

import org.jspecify.annotations.NullMarked;
