package io.pgseam.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test that runs on each PostgreSQL of the test matrix: the oldest supported, the newest, and 15 between them, which
 * runs in a container. The method takes the major version and asks {@link PostgresServer#shared} or {@link
 * PostgresServer#start} for the server; where that one needs Docker and there is none, the test is reported as skipped
 * with that reason.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "PostgreSQL {0}")
@ValueSource(ints = {14, 15, 18})
public @interface OnEachPostgres {}
