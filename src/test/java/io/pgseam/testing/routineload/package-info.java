/** Routine Load of StarRocks and Doris, after the statements that are generated for them, into a MariaDB. */
package io.pgseam.testing.routineload;
