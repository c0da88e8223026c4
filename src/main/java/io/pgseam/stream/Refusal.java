package io.pgseam.stream;

/** Why a signal is refused, for its writer. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1L;

    Refusal(String reason) {
        super(reason, null, false, false);
    }
}
