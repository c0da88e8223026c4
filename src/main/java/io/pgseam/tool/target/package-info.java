/** Sessions with the databases at the other end: where they are, and how statements and queries reach them. */
@NullMarked
package io.pgseam.tool.target;

import org.jspecify.annotations.NullMarked;
