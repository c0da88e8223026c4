package io.pgseam.tool.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command has. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = ToolVersion.class,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit status:%n",
        usageHelpAutoWidth = true)
final class CommonOptions {

    @Option(
            names = "--debug",
            scope = ScopeType.LOCAL,
            description = "Write the log and stack traces of failures to standard error.")
    private boolean debug;

    boolean debug() {
        return debug;
    }
}
