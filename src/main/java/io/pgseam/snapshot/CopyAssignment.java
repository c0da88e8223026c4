package io.pgseam.snapshot;

import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;

/**
 * What a copy task is to do.
 *
 * @param anchor at which it reads
 * @param snapshot the anchor's snapshot
 * @param task the task's number, from 0
 * @param tasks how many copy tasks share the plan
 * @param plan everything that is copied at the anchor
 */
public record CopyAssignment(Anchor anchor, AnchorSnapshot snapshot, int task, int tasks, CopyPlan plan) {

    public CopyAssignment {
        if (task < 0 || task >= tasks) {
            throw new IllegalArgumentException("no task " + task + " of " + tasks);
        }
    }

    /** The task as people count, from 1 on. */
    int number() {
        return task + 1;
    }

    /** In short, for the log: a plan is long. */
    @Override
    public String toString() {
        return "copy task " + number() + " of " + tasks + " at " + anchor;
    }
}
