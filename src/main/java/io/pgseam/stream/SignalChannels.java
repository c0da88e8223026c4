package io.pgseam.stream;

import io.pgseam.pg.TableId;
import org.jspecify.annotations.Nullable;

/**
 * Where signals come from.
 *
 * @param messagePrefix the prefix of messages of {@code pg_logical_emit_message} that are signals; null if no message is
 * @param table the table whose new rows are signals; null if there is none
 * @param topic the Kafka topic whose records are signals; null if there is none
 */
public record SignalChannels(
        @Nullable String messagePrefix,
        @Nullable TableId table,
        @Nullable SignalTopicSettings topic) {

    /** No signal is read. */
    public static final SignalChannels NONE = new SignalChannels(null, null, null);
}
