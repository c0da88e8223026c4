package io.pgseam.pg.pgoutput;

import io.pgseam.pg.TextRow;

/**
 * A row was inserted.
 *
 * @param relationOid the table, as its {@link Relation} named it
 * @param row the row; valid until the next decode
 */
public record Insert(long relationOid, TextRow row) implements Message {

    static final byte TYPE = 'I';

    static Insert decode(MessageCursor cursor, TextRow row) {
        long relationOid = cursor.readUnsignedInt("the relation's OID");
        if (cursor.readByte("the mark of the new row") != OldTuple.NEW_MARK) {
            throw cursor.malformedBefore(1, "no new row");
        }
        cursor.readRow(row);
        return new Insert(relationOid, row);
    }
}
