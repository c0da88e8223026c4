/** The commands: each reads its options, has another package do the work, and writes the result as text or JSON. */
@NullMarked
package io.pgseam.tool.command;

import org.jspecify.annotations.NullMarked;
