package io.pgseam.leader;

/** What the leader asks of Connect. */
public interface LeaderHost {

    /** Asks Connect to ask for the tasks' configurations again. */
    void requestTaskReconfiguration();

    /** The connector cannot continue. */
    void raiseError(Exception e);
}
