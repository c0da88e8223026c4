/** Every type of PostgreSQL through both phases, with PostgreSQL as the judge; and the document that tells of them. */
@org.jspecify.annotations.NullMarked
package io.pgseam.types;
