/** What the command line writes to and reads from: tables, figures, JSON, colours and questions. Knows no command. */
@NullMarked
package io.pgseam.tool.console;

import org.jspecify.annotations.NullMarked;
