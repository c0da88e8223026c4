/** The quickstart: the plugin archive at work on real servers, and the proof that its topics are the source. */
@NullMarked
package io.pgseam.quickstart;

import org.jspecify.annotations.NullMarked;
