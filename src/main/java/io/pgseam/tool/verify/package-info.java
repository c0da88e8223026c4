/** What {@code verify} proves: topics against manifests, and against the source. Knows no options and no console. */
@NullMarked
package io.pgseam.tool.verify;

import org.jspecify.annotations.NullMarked;
