package io.pgseam.pg.pgoutput;

/**
 * The name of a type that is not built in, sent before the first {@link Relation} that uses it.
 *
 * @param oid the type's OID, unsigned 32 bits
 * @param schema the schema that holds it
 * @param name its name
 */
public record Type(long oid, String schema, String name) implements Message {

    static final byte TYPE = 'Y';

    static Type decode(MessageCursor cursor) {
        return new Type(
                cursor.readUnsignedInt("the type's OID"), cursor.readNamespace(), cursor.readName("the type's name"));
    }
}
