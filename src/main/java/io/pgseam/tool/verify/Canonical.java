package io.pgseam.tool.verify;

/**
 * Brings a value into a form that two databases have in common: equal values get equal bytes. Applied to the texts of both ends, so that it
 * does not matter how each of them writes a value. Not called for NULL.
 */
@FunctionalInterface
public interface Canonical {

    /** The text as it is. */
    Canonical AS_IS = value -> {};

    /** {@code true}, {@code t} and {@code 1}, or {@code false}, {@code f} and {@code 0}. */
    Canonical BOOLEAN = value -> {
        boolean holds = value.length() > 0 && (value.at(0) == 't' || value.at(0) == '1');
        value.set(CanonicalForms.DIGITS, holds ? 1 : 0, holds ? 2 : 1);
    };

    /** Decimal digits without an exponent: zeros at the end of a fraction do not count. */
    Canonical NUMBER = CanonicalForms::number;

    /** A date, or a date and a time: midnight and zeros at the end of a fraction do not count. */
    Canonical INSTANT = CanonicalForms::instant;

    /** A float of 32 bits, however many digits are written. */
    Canonical FLOAT = value -> value.set(Float.toString(Float.parseFloat(CanonicalForms.float8(value.text())) + 0.0f));

    /** A float of 64 bits, however many digits are written. */
    Canonical DOUBLE =
            value -> value.set(Double.toString(Double.parseDouble(CanonicalForms.float8(value.text())) + 0.0));

    /** Brings the value into the form. */
    void apply(FieldValue value);
}
