package io.pgseam.tool.command;

import picocli.CommandLine.Option;

/** How a command writes its result. */
final class OutputOptions {

    @Option(names = "--json", description = "Write the result as one JSON document.")
    private boolean json;

    boolean json() {
        return json;
    }
}
