package io.pgseam.capture;

import io.pgseam.pg.TableId;

/**
 * A selected table that is not captured.
 *
 * @param oid its OID
 * @param table its name
 * @param spelledOut whether a setting names just this table
 * @param reason the kind of reason
 * @param setting the setting at which validation reports it
 * @param detail what exactly is wrong
 * @param remedy what to do, as an imperative
 */
public record SetAside(
        long oid, TableId table, boolean spelledOut, Unfitness reason, String setting, String detail, String remedy) {

    /** What is wrong, and what to do, in one line. */
    public String describe() {
        return "Table " + table.quoted() + " is set aside: " + reason.text() + " (" + detail + "). "
                + reason.consequence() + ". To capture it, " + remedy;
    }
}
