package io.pgseam.types;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A type, values of it, and how PostgreSQL can tell whether a value arrived.
 *
 * @param sql its name in SQL
 * @param values values worth trying, as input text, the first one fit to be read as an example
 * @param random makes more of them
 * @param truth how what is stored and what was delivered become one and the same
 */
record SampleType(String sql, List<String> values, Function<Random, @Nullable String> random, Truth truth) {

    /**
     * SQL expressions that have to be equal as text.
     *
     * @param stored of the column, {@code %1$s}, of the type {@code %2$s}
     * @param delivered of the delivered JSON, {@code %1$s} as text; {@code %2$s} is the type, {@code %3$s} a composite type with
     *     the one attribute {@code v} of that type, {@code %4$s} the column
     * @param equality whether the type's own equality, where it has one, has to agree
     */
    record Truth(String stored, String delivered, boolean equality) {}

    /** json_populate_record is PostgreSQL's own way from JSON to any value: nested objects, arrays, and text of scalars. */
    private static final String POPULATED = "(json_populate_record(NULL::%3$s, ('{\"v\":' || %1$s || '}')::json)).v";

    static final Truth VALUE = new Truth("%1$s", POPULATED, true);

    /** JSON arrays have no lower bounds. */
    static final Truth ARRAY =
            new Truth("regexp_replace(%1$s::text, '^(\\[[-0-9]+:[-0-9]+\\])+=', '')::%2$s", POPULATED, true);

    /** With the blanks that a cast to text would take off. */
    static final Truth PADDED = new Truth(
            "CASE WHEN %1$s IS NOT NULL THEN array_to_string(ARRAY[%1$s], '') END", "%1$s::json #>> '{}'", false);

    static final Truth BYTEA = new Truth("%1$s", "decode(%1$s::json #>> '{}', 'base64')", true);

    /** As it stands; half a surrogate pair, which the policy makes a string, as PostgreSQL's text. */
    static final Truth JSON = new Truth(
            "coalesce(btrim(%1$s::text, E' \\t\\n\\r'), 'null')",
            "CASE WHEN %4$s::text ~ '\\\\u(d800|DFFF)' THEN btrim(%1$s::json #>> '{}', E' \\t\\n\\r') ELSE %1$s END",
            false);

    static final Truth HSTORE = new Truth("%1$s", "hstore_of(%1$s::json)", true);

    SampleType {
        values = List.copyOf(values);
    }

    @Nullable
    String value(Random random, int row) {
        if (row < values.size()) {
            return values.get(row);
        }
        return random.nextInt(20) == 0 ? null : this.random.apply(random);
    }
}
