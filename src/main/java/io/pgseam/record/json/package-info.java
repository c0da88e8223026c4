/** JSON as bytes, for all formats whose messages are JSON. */
@NullMarked
package io.pgseam.record.json;

import org.jspecify.annotations.NullMarked;
