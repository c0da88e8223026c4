/** What commands ask the source database. Reads only, except where a class says that it drops something. */
@NullMarked
package io.pgseam.tool.source;

import org.jspecify.annotations.NullMarked;
