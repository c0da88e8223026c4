@NullMarked
package io.pgseam.config;

import org.jspecify.annotations.NullMarked;
