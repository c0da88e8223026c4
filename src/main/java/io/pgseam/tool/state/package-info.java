/** One look at a connector from all sides: control topic, source and Connect. */
@NullMarked
package io.pgseam.tool.state;

import org.jspecify.annotations.NullMarked;
