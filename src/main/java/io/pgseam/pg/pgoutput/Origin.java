package io.pgseam.pg.pgoutput;

import io.pgseam.pg.Lsn;

/**
 * The transaction was replicated to this server from another one.
 *
 * @param lsn where its commit stands on the server that it came from
 * @param name the name of the replication origin
 */
public record Origin(Lsn lsn, String name) implements Message {

    static final byte TYPE = 'O';

    static Origin decode(MessageCursor cursor) {
        return new Origin(cursor.readLsn("the origin's LSN"), cursor.readText("the origin's name"));
    }
}
