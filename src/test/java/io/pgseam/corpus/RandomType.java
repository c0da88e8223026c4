package io.pgseam.corpus;

import java.util.Random;
import java.util.function.Function;

/**
 * A type of a random schema, with values.
 *
 * @param sql the type in SQL
 * @param key whether its values are fit for a key: short, ordered, and not equal where they print differently
 * @param value gives a SQL expression of a value, never NULL
 */
record RandomType(String sql, boolean key, Function<Random, String> value) {

    String value(Random random) {
        return value.apply(random);
    }

    /** NULL now and then. */
    String valueOrNull(Random random) {
        return random.nextInt(6) == 0 ? "NULL" : value(random);
    }
}
