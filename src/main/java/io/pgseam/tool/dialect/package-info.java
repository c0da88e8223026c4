/** Statements for the databases at the other end. Pure: from tables and offsets to SQL and warnings. */
@NullMarked
package io.pgseam.tool.dialect;

import org.jspecify.annotations.NullMarked;
