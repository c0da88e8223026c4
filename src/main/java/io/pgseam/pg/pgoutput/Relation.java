package io.pgseam.pg.pgoutput;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a table looks like from here on: sent before its first change on a connection, and again after it was altered.
 *
 * <p>The fields of a row stand in the order of {@code columns}.
 *
 * @param oid the OID that changes name it by; a root's, where the publication publishes partitions through their root
 * @param id its name
 * @param replicaIdentity what its updates and deletes say of the old row
 * @param columns its published columns
 */
public record Relation(long oid, TableId id, ReplicaIdentity replicaIdentity, List<RelationColumn> columns)
        implements Message {

    static final byte TYPE = 'R';

    public Relation {
        columns = List.copyOf(columns);
    }

    static Relation decode(MessageCursor cursor) {
        long oid = cursor.readUnsignedInt("the relation's OID");
        String schema = cursor.readNamespace();
        String name = cursor.readName("the relation's name");
        ReplicaIdentity identity = decodeIdentity(cursor);
        int count = cursor.readUnsignedShort("the number of columns");
        cursor.requireRoomFor(count, RelationColumn.LEAST_BYTES, "columns");
        List<RelationColumn> columns = new ArrayList<>(count);
        for (int column = 0; column < count; column++) {
            columns.add(RelationColumn.decode(cursor));
        }
        return new Relation(oid, new TableId(schema, name), identity, columns);
    }

    private static ReplicaIdentity decodeIdentity(MessageCursor cursor) {
        byte code = cursor.readByte("the replica identity");
        try {
            return ReplicaIdentity.ofCode((char) code);
        } catch (IllegalArgumentException e) {
            throw cursor.malformedBefore(1, "unknown replica identity");
        }
    }
}
