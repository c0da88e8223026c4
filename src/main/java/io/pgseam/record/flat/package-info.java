/** Renders rows as the flat JSON format, from PostgreSQL's text straight to UTF-8 bytes. */
@NullMarked
package io.pgseam.record.flat;

import org.jspecify.annotations.NullMarked;
