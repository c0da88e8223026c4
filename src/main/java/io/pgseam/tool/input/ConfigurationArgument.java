package io.pgseam.tool.input;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.InputStream;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine.Parameters;

/** The argument that names a connector's configuration. */
public final class ConfigurationArgument {

    @Parameters(
            index = "0",
            paramLabel = "CONFIG",
            description = {
                "The connector's configuration: the JSON file that Connect's REST interface takes, as the bare map or as"
                        + " {\"name\": …, \"config\": {…}}; - for standard input.",
                "$${file:path:key}, $${env:NAME} and $${directory:path:file} are resolved."
            })
    private String source = "";

    /** Whether the configuration comes from standard input. */
    public boolean isStandardInput() {
        return source.equals(ConnectorConfiguration.STANDARD_INPUT);
    }

    /**
     * The settings as they were given, with references resolved.
     *
     * @throws CommandFailure if they cannot be read
     */
    public Map<String, String> read(InputStream standardInput) {
        if (source.isEmpty()) {
            throw new CommandFailure(
                    "the connector's configuration is missing: give its JSON file, or - for standard input");
        }
        return ConnectorConfiguration.read(source, standardInput);
    }

    /**
     * The settings of the connector.
     *
     * @throws CommandFailure if they have faults
     */
    public PgSeamSettings settings(InputStream standardInput) {
        return parse(read(standardInput));
    }

    /**
     * The settings of the connector.
     *
     * @param props as {@link #read} gave them
     * @throws CommandFailure if they have faults
     */
    public PgSeamSettings parse(Map<String, String> props) {
        try {
            return PgSeamSettings.parse(props);
        } catch (ConfigException e) {
            throw new CommandFailure("configuration " + source + " has faults: " + e.getMessage(), e);
        }
    }
}
