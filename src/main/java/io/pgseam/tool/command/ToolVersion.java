package io.pgseam.tool.command;

import io.pgseam.task.ConnectorVersion;
import picocli.CommandLine.IVersionProvider;

/** The version of the connector, of which the command line is a part. */
final class ToolVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"pgseam " + ConnectorVersion.get()};
    }
}
