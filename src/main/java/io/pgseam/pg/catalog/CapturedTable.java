package io.pgseam.pg.catalog;

import io.pgseam.pg.Column;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table that the connector captures, as its publication publishes it.
 *
 * @param oid its OID
 * @param id its name, and that of its topic: the root's where a publication publishes partitions through their root
 * @param replicaIdentity what its updates and deletes say of the old row
 * @param columns its captured columns in the order of the table: published, not generated, not dropped, not excluded
 * @param rowFilter the publication's row filter as SQL, or null for every row
 * @param leaves the relations that hold its rows; itself, where it is not partitioned
 * @param messageKey names of the columns that {@code message.key.columns} makes its record key, in the order of the key; empty
 *     where its row key is
 * @param member OID of the member of the publication by which it is published: itself, or the outermost partitioned table
 *     above it that the publication holds
 * @param published the version by which it is published, see {@link PublicationVersions#of}; empty if it was not looked up
 */
public record CapturedTable(
        long oid,
        TableId id,
        ReplicaIdentity replicaIdentity,
        List<Column> columns,
        @Nullable String rowFilter,
        List<Leaf> leaves,
        List<String> messageKey,
        long member,
        String published) {

    public CapturedTable {
        columns = List.copyOf(columns);
        leaves = List.copyOf(leaves);
        messageKey = List.copyOf(messageKey);
    }

    /** A member of the publication whose record key is its row key. */
    public CapturedTable(
            long oid,
            TableId id,
            ReplicaIdentity replicaIdentity,
            List<Column> columns,
            @Nullable String rowFilter,
            List<Leaf> leaves) {
        this(oid, id, replicaIdentity, columns, rowFilter, leaves, List.of(), oid, "");
    }

    /** The same, with its rows in other relations. */
    public CapturedTable withLeaves(List<Leaf> others) {
        return new CapturedTable(oid, id, replicaIdentity, columns, rowFilter, others, messageKey, member, published);
    }

    /** The same, with these columns. */
    public CapturedTable withColumns(List<Column> others) {
        return new CapturedTable(oid, id, replicaIdentity, others, rowFilter, leaves, messageKey, member, published);
    }

    /** The same, with the version by which it is published. */
    public CapturedTable publishedBy(PublicationVersions versions) {
        return new CapturedTable(
                oid, id, replicaIdentity, columns, rowFilter, leaves, messageKey, member, versions.of(oid, member));
    }

    public boolean hasKey() {
        return columns.stream().anyMatch(Column::isKey);
    }
}
