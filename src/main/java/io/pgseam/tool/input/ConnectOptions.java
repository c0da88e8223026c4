package io.pgseam.tool.input;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach Connect's REST interface, if its word is wanted. */
public final class ConnectOptions {

    @Option(
            names = "--connect",
            paramLabel = "URL",
            defaultValue = "${env:PGSEAM_CONNECT}",
            description =
                    "Connect's REST interface, such as http://localhost:8083; the state of the connector and its tasks comes"
                            + " from there. By default the environment variable PGSEAM_CONNECT.")
    private @Nullable URI url;

    @Option(
            names = "--connector",
            paramLabel = "NAME",
            description = "The connector's name in Connect. By default the name in the configuration, or topic.prefix.")
    private @Nullable String connector;

    /** The address; empty if Connect is not to be asked. */
    public Optional<URI> url() {
        return Optional.ofNullable(url).filter(address -> !address.toString().isEmpty());
    }

    /** The connector's name, if it was given. */
    public Optional<String> connector() {
        return Optional.ofNullable(connector);
    }
}
