package io.pgseam.pg.catalog;

import io.pgseam.pg.Lsn;
import java.util.List;

/**
 * Composite types as they are at present.
 *
 * @param position where the server's WAL ended after that look: whatever made them what they are was committed before
 * @param types those that there are
 */
public record CompositeTypes(Lsn position, List<CompositeType> types) {

    /**
     * One type.
     *
     * @param oid its OID
     * @param schema the schema that holds it
     * @param name its name
     * @param attributes its attributes in their order, without dropped ones
     */
    public record CompositeType(long oid, String schema, String name, List<TypeAttribute> attributes) {

        public CompositeType {
            attributes = List.copyOf(attributes);
        }
    }

    /**
     * An attribute.
     *
     * @param number {@code attnum}: it keeps it for life, and a new one gets a higher one
     * @param name its name
     * @param typeOid OID of its type
     * @param modifier its type modifier; -1 for none
     */
    public record TypeAttribute(int number, String name, long typeOid, int modifier) {}

    public CompositeTypes {
        types = List.copyOf(types);
    }
}
