package io.pgseam.stream;

import io.pgseam.phase.StreamLimits;
import io.pgseam.record.TransactionRecords;
import org.jspecify.annotations.Nullable;

/**
 * How the stream task works.
 *
 * @param slot name of the replication slot
 * @param publication name of the publication
 * @param maxBatchRecords most records of one batch
 * @param maxQueueBytes most bytes of records that wait for Connect, give or take a record
 * @param heartbeatIntervalMs time between heartbeats, in ms; 0 for none
 * @param statusIntervalMs time between status messages to the server, in ms
 * @param catalogLookMs time between looks for what the stream does not tell, in ms
 * @param failOnTruncate whether a truncate of a captured table ends the stream
 * @param completeToast whether unchanged TOAST values are looked up; else an update without them ends the stream, unless the
 *     format has a placeholder
 * @param limits where the stream begins and ends
 * @param replaceInvalidText whether a text that cannot be converted to UTF-8 gets U+FFFD; else it ends the stream
 * @param copies whether rows of tables are copied; else all of them are streamed only
 * @param signals where signals come from
 * @param messages which messages of {@code pg_logical_emit_message} are sent; null for none
 * @param transactions says where transactions begin and end; null if nothing does
 */
public record StreamSettings(
        String slot,
        String publication,
        int maxBatchRecords,
        long maxQueueBytes,
        long heartbeatIntervalMs,
        int statusIntervalMs,
        long catalogLookMs,
        boolean failOnTruncate,
        boolean completeToast,
        StreamLimits limits,
        boolean replaceInvalidText,
        boolean copies,
        SignalChannels signals,
        @Nullable MessageCapture messages,
        @Nullable TransactionRecords transactions) {

    /** Whether the server has to send messages of {@code pg_logical_emit_message}. */
    boolean readsMessages() {
        return messages != null || signals.messagePrefix() != null;
    }
}
