package io.pgseam.tool.outcome;

import org.jspecify.annotations.Nullable;

/** A command cannot give its answer. The message says what failed, and what to do. */
public final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CommandFailure(String message) {
        super(message);
    }

    /** @param cause shown only with {@code --debug}; null if the message says it all */
    public CommandFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
