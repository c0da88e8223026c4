/** Hides values of columns before a record is made of a row, in whatever format (column.mask.*, column.truncate.*). */
@NullMarked
package io.pgseam.record.mask;

import org.jspecify.annotations.NullMarked;
