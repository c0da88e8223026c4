package io.pgseam.stream;

import io.pgseam.record.MessageRecords;
import java.util.function.Predicate;

/**
 * Which messages of {@code pg_logical_emit_message} are sent, and how.
 *
 * @param prefixes selects them by their prefixes
 * @param records makes their records
 */
public record MessageCapture(Predicate<String> prefixes, MessageRecords records) {}
