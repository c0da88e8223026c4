/** The connector's settings: names, defaults, meaning and rules, turned into plain records; needs no database. */
@NullMarked
package io.pgseam.config;

import org.jspecify.annotations.NullMarked;
