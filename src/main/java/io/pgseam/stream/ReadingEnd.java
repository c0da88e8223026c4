package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import java.sql.SQLException;

/**
 * Where the slot is read no further.
 *
 * @param lsn the first transaction that commits at this LSN or later is not read
 * @param atAnchor whether it is an anchor that is caught up with; else the stream's own end
 * @param mayBeSkippedTo whether nothing before it is needed, because every table is copied whole at that anchor
 * @param reached run in the reader's thread when everything before is queued
 */
record ReadingEnd(Lsn lsn, boolean atAnchor, boolean mayBeSkippedTo, Action reached) {

    /** What to do at the end. */
    @FunctionalInterface
    interface Action {
        /**
         * Does it.
         *
         * @throws SQLException where the session is lost before it is done: then it is read up to the end again
         */
        void run() throws SQLException;
    }
}
