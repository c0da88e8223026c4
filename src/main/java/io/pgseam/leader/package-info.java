/** The connector's side: it finds out which phase it is, opens anchors, and gives the tasks their work. */
@NullMarked
package io.pgseam.leader;

import org.jspecify.annotations.NullMarked;
