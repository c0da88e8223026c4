package io.pgseam.stream;

import io.pgseam.pg.pgoutput.MessageEncoder;

/** Rows in messages of pgoutput. */
final class RowMessages {

    private RowMessages() {}

    /** Appends a row, of whose values some may be {@link RoutedStream#NULL} or {@link RoutedStream#UNCHANGED}. */
    @SuppressWarnings({"ReferenceEquality", "StringEquality"})
    static MessageEncoder row(MessageEncoder message, String... values) {
        message.int16(values.length);
        for (String value : values) {
            if (value == RoutedStream.NULL) {
                message.nothing();
            } else if (value == RoutedStream.UNCHANGED) {
                message.unchanged();
            } else {
                message.value(value);
            }
        }
        return message;
    }
}
