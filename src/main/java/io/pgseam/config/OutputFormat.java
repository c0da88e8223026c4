package io.pgseam.config;

/** The form of the messages. */
public enum OutputFormat {
    /** One flat JSON object for each row, as bytes. */
    FLAT,
    /** Debezium's envelope, as Connect's structs. */
    DEBEZIUM
}
