package io.pgseam.snapshot;

import io.pgseam.pg.TableId;

/** A relation is no longer what the plan says: it was rewritten, dropped or altered. It is copied whole at a new anchor. */
final class MisfitException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient TableId relation;

    MisfitException(TableId relation, String message) {
        super(message);
        this.relation = relation;
    }

    TableId relation() {
        return relation;
    }
}
