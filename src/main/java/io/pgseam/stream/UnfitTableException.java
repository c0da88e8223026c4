package io.pgseam.stream;

import org.apache.kafka.connect.errors.ConnectException;

/** No record can be made of a change, for a reason that lies with its table. */
final class UnfitTableException extends ConnectException {

    private static final long serialVersionUID = 1L;

    UnfitTableException(String message) {
        super(message);
    }
}
