package io.pgseam.leader;

import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.CopyPlan;

/**
 * An anchor that this leader opened, and what is copied at it.
 *
 * @param anchor the anchor
 * @param holder the session that keeps its snapshot
 * @param plan what is copied
 * @param watch how far the copy has come
 */
record HeldAnchor(Anchor anchor, SnapshotHolder holder, CopyPlan plan, CopyWatch watch) {}
