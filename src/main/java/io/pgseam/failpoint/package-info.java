/** Places at which tests make the connector fail. */
@NullMarked
package io.pgseam.failpoint;

import org.jspecify.annotations.NullMarked;
