package io.pgseam.pg.catalog;

import java.util.Map;
import java.util.Set;

/**
 * What a publication holds.
 *
 * @param allTables whether it holds every table
 * @param tables OIDs of the tables that it holds by themselves
 * @param schemas names of the schemas of which it holds every table (15 and later)
 */
public record PublicationMembers(boolean allTables, Set<Long> tables, Set<String> schemas) {

    /** Whether it holds a relation itself, and not only a table above it. */
    public boolean hold(Relation relation) {
        return allTables
                || tables.contains(relation.oid())
                || schemas.contains(relation.id().schema());
    }

    /** Whether it holds a relation, or one that it is a partition of. */
    public boolean publish(Relation relation, Map<Long, Relation> all) {
        return hold(relation)
                || relation.ancestors().stream().map(all::get).anyMatch(ancestor -> ancestor != null && hold(ancestor));
    }

    /**
     * The outermost table that it holds, of a published table and those that it is a partition of: as long as it holds that
     * one, whatever is made inside of it is published from its beginning.
     *
     * @param table OID of the published table
     * @param all every relation by its OID
     * @return the OID of the outermost one
     */
    public long outermost(long table, Map<Long, Relation> all) {
        long outermost = table;
        Relation relation = all.get(table);
        if (relation != null) {
            for (long ancestor : relation.ancestors()) {
                Relation above = all.get(ancestor);
                if (above != null && hold(above)) {
                    outermost = ancestor;
                }
            }
        }
        return outermost;
    }
}
