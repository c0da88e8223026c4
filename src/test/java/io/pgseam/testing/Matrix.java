package io.pgseam.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * A test that runs more than once: on several servers, with both deliveries, or in other respects that it takes as parameters. Each
 * row is one run, and has the values of the parameters, separated by commas, such as {@code "18, EXACTLY_ONCE"}.
 *
 * <p>What a build runs is what a change of the connector may break by itself. The rows that only try the same code on another server,
 * or with the other delivery, are for the night. Use {@link OnEachPostgres} where a test needs nothing but the server, which is cheap.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{arguments}")
@ArgumentsSource(MatrixRows.class)
public @interface Matrix {

    /** The rows of every run; at least one. */
    String[] build();

    /** The rows that a run of {@linkplain Extent#FULL full} extent has besides. */
    String[] nightly() default {};
}
