package io.pgseam.pg.pgoutput;

import io.pgseam.pg.TextRow;

/**
 * A row was deleted.
 *
 * @param relationOid the table, as its {@link Relation} named it
 * @param oldTuple how much of the row there is; never {@link OldTuple#NONE}
 * @param oldRow the row; valid until the next decode
 */
public record Delete(long relationOid, OldTuple oldTuple, TextRow oldRow) implements Message {

    static final byte TYPE = 'D';

    public Delete {
        if (oldTuple == OldTuple.NONE) {
            throw new IllegalArgumentException("a delete has an old row");
        }
    }

    static Delete decode(MessageCursor cursor, TextRow oldRow) {
        long relationOid = cursor.readUnsignedInt("the relation's OID");
        byte mark = cursor.readByte("the mark of the old row");
        if (mark != OldTuple.KEY_MARK && mark != OldTuple.FULL_MARK) {
            throw cursor.malformedBefore(1, "no old row");
        }
        cursor.readRow(oldRow);
        return new Delete(relationOid, mark == OldTuple.KEY_MARK ? OldTuple.KEY : OldTuple.FULL, oldRow);
    }
}
