package io.pgseam.tool.command;

import io.pgseam.tool.console.Console;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What every command has. {@link #call} gives the exit status. */
abstract class ToolCommand implements Callable<Integer> {

    final Console console;

    @Mixin
    final CommonOptions common = new CommonOptions();

    ToolCommand(Console console) {
        this.console = console;
    }
}
