package io.pgseam.pg.catalog;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table as the catalogue shows it at present, whatever is published or captured of it. The stream may be far behind, so
 * that none of this need hold for the change at hand.
 *
 * @param oid its OID
 * @param id its name
 * @param replicaIdentity what its updates and deletes say of the old row
 * @param ancestors names of the partitioned tables that it is a partition of, nearest first; empty for all but partitions
 * @param attributes its columns in their order, with those that were dropped
 */
public record PresentTable(
        long oid, TableId id, ReplicaIdentity replicaIdentity, List<TableId> ancestors, List<Attribute> attributes) {

    public PresentTable {
        ancestors = List.copyOf(ancestors);
        attributes = List.copyOf(attributes);
    }

    /**
     * A column of the table.
     *
     * @param number {@code attnum}: a column keeps it for life, and a new one gets a higher one
     * @param name its name
     * @param dropped whether it was dropped, and nothing else of it is known
     * @param typeOid OID of its type
     * @param modifier its type modifier; -1 for none
     * @param notNull whether it forbids NULL
     * @param keyPosition its place in the row key, from 1: that of the primary key, or of the index that is the replica identity;
     *     0 if it is not part of it
     * @param generated whether it is generated: then it need not be published
     * @param defaultExpression its default as SQL, or null
     * @param missing what rows have that were written before it was added with that default, as PostgreSQL's text; null for
     *     NULL, and where such rows were rewritten since
     */
    public record Attribute(
            int number,
            String name,
            boolean dropped,
            long typeOid,
            int modifier,
            boolean notNull,
            int keyPosition,
            boolean generated,
            @Nullable String defaultExpression,
            @Nullable String missing) {}

    /** The column of this name. */
    public Optional<Attribute> attribute(String name) {
        return attributes.stream()
                .filter(attribute -> !attribute.dropped() && attribute.name().equals(name))
                .findFirst();
    }

    /** Names of the columns of the row key, in the order of the key; empty where it has none. */
    public List<String> key() {
        return attributes.stream()
                .filter(attribute -> attribute.keyPosition() > 0)
                .sorted(Comparator.comparingInt(Attribute::keyPosition))
                .map(Attribute::name)
                .toList();
    }

    /** Whether a column of the row key is generated, and none of these. */
    public boolean hasGeneratedKeyBesides(Collection<String> published) {
        return attributes.stream()
                .anyMatch(attribute ->
                        attribute.keyPosition() > 0 && attribute.generated() && !published.contains(attribute.name()));
    }
}
