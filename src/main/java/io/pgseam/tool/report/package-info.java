/** What a copy was, as one page for the person who signs a migration off. Knows the control topic's records and verify's results. */
@NullMarked
package io.pgseam.tool.report;

import org.jspecify.annotations.NullMarked;
