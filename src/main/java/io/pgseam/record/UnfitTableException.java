package io.pgseam.record;

import org.apache.kafka.connect.errors.ConnectException;

/** No record can be made of a change, for a reason that lies with its table. Other tables need not notice. */
public final class UnfitTableException extends ConnectException {

    private static final long serialVersionUID = 1L;

    /** @param message names the table, and says what to do; quotes no value */
    public UnfitTableException(String message) {
        super(message);
    }

    public UnfitTableException(String message, Throwable cause) {
        super(message, cause);
    }
}
