package io.pgseam.record.debezium;

import io.pgseam.record.json.JsonBuffer;

/** Writes the values of one type as JsonConverter writes what Debezium makes of them, straight from PostgreSQL's text. */
@FunctionalInterface
interface JsonValue {

    /**
     * Appends a value.
     *
     * @return false if this is a rare form of a value, which only Debezium's classes know; then nothing is appended
     */
    boolean append(byte[] source, int start, int length, JsonBuffer out);
}
