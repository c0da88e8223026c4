@NullMarked
package io.pgseam.pg.catalog;

import org.jspecify.annotations.NullMarked;
