/** How far the databases at the other end have loaded the topics. */
@NullMarked
package io.pgseam.tool.load;

import org.jspecify.annotations.NullMarked;
