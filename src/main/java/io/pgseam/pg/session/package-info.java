/** Sessions with the server: ordinary and replication connections, slots, anchors, and what their errors mean. */
@NullMarked
package io.pgseam.pg.session;

import org.jspecify.annotations.NullMarked;
