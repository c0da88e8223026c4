/** What commands ask of Connect's REST interface. */
@NullMarked
package io.pgseam.tool.connect;

import org.jspecify.annotations.NullMarked;
