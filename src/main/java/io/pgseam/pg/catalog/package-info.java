/** What the source database holds: types, captured tables with their columns and keys, publications, sizes. */
@NullMarked
package io.pgseam.pg.catalog;

import org.jspecify.annotations.NullMarked;
