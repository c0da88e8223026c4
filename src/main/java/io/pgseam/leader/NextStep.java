package io.pgseam.leader;

/** When the leader's next step is due. */
enum NextStep {
    /** The phase has changed, and the one after it may follow from it: nothing has to be waited for. */
    AT_ONCE(0),
    /** Tasks, the source or a person have to do something first. */
    AFTER_PAUSE(250),
    AFTER_FAILURE(1_000),
    /** The server refuses the login. Not often: servers lock a role out after too many attempts. */
    AFTER_REFUSAL(10_000),
    NEVER(0);

    private final long pauseMs;

    NextStep(long pauseMs) {
        this.pauseMs = pauseMs;
    }

    /** How long to wait for it, in ms. */
    long pauseMs() {
        return pauseMs;
    }
}
