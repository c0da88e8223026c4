package io.pgseam.pg.pgoutput;

import io.pgseam.pg.TextRow;
import org.jspecify.annotations.Nullable;

/**
 * A row was updated.
 *
 * @param relationOid the table, as its {@link Relation} named it
 * @param oldTuple how much of the old row there is
 * @param oldRow the old row, null exactly where {@code oldTuple} is {@link OldTuple#NONE}; valid until the next decode
 * @param newRow the row after the update; a TOASTed value that was not changed is not in it; valid until the next
 *     decode
 */
public record Update(
        long relationOid, OldTuple oldTuple, @Nullable TextRow oldRow, TextRow newRow) implements Message {

    static final byte TYPE = 'U';

    public Update {
        if ((oldTuple == OldTuple.NONE) != (oldRow == null)) {
            throw new IllegalArgumentException("old tuple " + oldTuple + " does not go with the old row");
        }
    }

    static Update decode(MessageCursor cursor, TextRow oldRow, TextRow newRow) {
        long relationOid = cursor.readUnsignedInt("the relation's OID");
        OldTuple oldTuple = OldTuple.NONE;
        byte mark = cursor.readByte("the mark of a row");
        if (mark == OldTuple.KEY_MARK || mark == OldTuple.FULL_MARK) {
            oldTuple = mark == OldTuple.KEY_MARK ? OldTuple.KEY : OldTuple.FULL;
            cursor.readRow(oldRow);
            mark = cursor.readByte("the mark of the new row");
        }
        if (mark != OldTuple.NEW_MARK) {
            throw cursor.malformedBefore(1, "no new row");
        }
        cursor.readRow(newRow);
        return new Update(relationOid, oldTuple, oldTuple == OldTuple.NONE ? null : oldRow, newRow);
    }
}
