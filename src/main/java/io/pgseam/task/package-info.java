/** What the two roles of a task have in common: their side of the contract with Connect. */
@NullMarked
package io.pgseam.task;

import org.jspecify.annotations.NullMarked;
