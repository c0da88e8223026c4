package io.pgseam.tool.verify;

/** Bytes are no row of pgseam's flat format. The message says why, and quotes no value. */
public final class MalformedRowException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedRowException(String message) {
        super(message);
    }
}
