package io.pgseam.pg.session;

import io.pgseam.pg.Lsn;

/**
 * A slot's consistent point and the snapshot exported with it: both from one command (invariant I1).
 *
 * @param lsn the consistent point
 * @param snapshot the id of the exported snapshot
 */
record ExportedPoint(Lsn lsn, String snapshot) {}
