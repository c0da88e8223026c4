package io.pgseam.pg;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data type of the server, as {@code pg_type} describes it.
 *
 * @param oid the type's OID (unsigned 32 bits)
 * @param schema the schema that holds it
 * @param name its name, {@code int4} rather than {@code integer}
 * @param kind what sort of type it is
 * @param element the element type of an {@link Kind#ARRAY}, the base type of a {@link Kind#DOMAIN}; else null
 * @param modifier the type modifier that a {@link Kind#DOMAIN} applies to its base type, else -1
 * @param delimiter the character between the elements of an array of this type; a comma for all but {@code box}
 * @param attributes what a {@link Kind#COMPOSITE} consists of, in its order, without dropped ones; else empty
 * @param otherForms the attributes that a {@link Kind#COMPOSITE} has at other times, the likeliest first: a value has the form of
 *     the time when it was written. Empty where none is known
 */
public record PgType(
        long oid,
        String schema,
        String name,
        Kind kind,
        @Nullable PgType element,
        int modifier,
        char delimiter,
        List<Attribute> attributes,
        List<List<Attribute>> otherForms) {

    /** The sorts of types, after {@code pg_type.typtype} and {@code typcategory}. */
    public enum Kind {
        BASE,
        ARRAY,
        DOMAIN,
        ENUM,
        COMPOSITE,
        RANGE,
        MULTIRANGE,
        PSEUDO
    }

    /**
     * One attribute of a composite type.
     *
     * @param name its name as stored
     * @param type its type
     * @param modifier {@code atttypmod}, as for a column; -1 for none
     */
    public record Attribute(String name, PgType type, int modifier) {}

    public PgType {
        attributes = List.copyOf(attributes);
        otherForms = List.copyOf(otherForms);
        if ((kind == Kind.ARRAY || kind == Kind.DOMAIN) && element == null) {
            throw new IllegalArgumentException("type " + schema + "." + name + " needs an element type");
        }
    }

    /** A type of which no other form is known. */
    public PgType(
            long oid,
            String schema,
            String name,
            Kind kind,
            @Nullable PgType element,
            int modifier,
            char delimiter,
            List<Attribute> attributes) {
        this(oid, schema, name, kind, element, modifier, delimiter, attributes, List.of());
    }

    /** A type without attributes. */
    public PgType(
            long oid, String schema, String name, Kind kind, @Nullable PgType element, int modifier, char delimiter) {
        this(oid, schema, name, kind, element, modifier, delimiter, List.of());
    }

    /** The same type with another one as its element or base type. */
    public PgType of(PgType otherElement) {
        return new PgType(oid, schema, name, kind, otherElement, modifier, delimiter, attributes, otherForms);
    }

    /**
     * The same composite type with these forms.
     *
     * @param forms the likeliest first; not empty
     */
    public PgType withForms(List<List<Attribute>> forms) {
        return new PgType(
                oid, schema, name, kind, element, modifier, delimiter, forms.get(0), forms.subList(1, forms.size()));
    }

    /** The type below all domains: itself where it is no domain. */
    public PgType underlying() {
        PgType type = this;
        while (type.kind == Kind.DOMAIN && type.element != null) {
            type = type.element;
        }
        return type;
    }
}
