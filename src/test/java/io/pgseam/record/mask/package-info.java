@NullMarked
package io.pgseam.record.mask;

import org.jspecify.annotations.NullMarked;
