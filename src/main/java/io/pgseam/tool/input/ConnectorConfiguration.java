package io.pgseam.tool.input;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Reads a connector's configuration as Connect's REST interface takes it: the bare map of {@code PUT /connectors/…/config}, or
 * {@code {"name": …, "config": {…}}} of {@code POST /connectors}. References such as <code>${file:/run/secrets/db:password}</code>
 * are resolved here, as a worker would.
 */
public final class ConnectorConfiguration {

    /** Name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private static final String NAME = "name";
    private static final String CONFIG = "config";

    /** Kafka's form of a reference: provider, path, key. Templates such as ${prefix} have no colon. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}:]+):([^}]*)}");

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private ConnectorConfiguration() {}

    /**
     * Reads and resolves a configuration.
     *
     * @param source a file, or {@code -} for {@code standardInput}
     * @throws CommandFailure if it cannot be read, is no such JSON, or has a reference that cannot be resolved
     */
    public static Map<String, String> read(String source, InputStream standardInput) {
        return resolved(settings(tree(source, standardInput), source), source);
    }

    private static JsonNode tree(String source, InputStream standardInput) {
        try {
            if (source.equals(STANDARD_INPUT)) {
                return JSON.readTree(standardInput);
            }
            try (InputStream file = Files.newInputStream(Path.of(source))) {
                return JSON.readTree(file);
            }
        } catch (NoSuchFileException e) {
            throw new CommandFailure("there is no file " + source, e);
        } catch (JsonProcessingException e) {
            // The position, without the text around it: that may be a password.
            throw new CommandFailure(
                    "configuration " + source + " is not valid JSON: " + e.getOriginalMessage() + " (line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")",
                    null);
        } catch (IOException e) {
            throw new CommandFailure("cannot read configuration " + source + ": " + FileFailures.reason(e), e);
        }
    }

    private static Map<String, String> settings(JsonNode tree, String source) {
        if (!tree.isObject()) {
            throw new CommandFailure("configuration " + source + " is not a JSON object. Give the JSON that"
                    + " PUT /connectors/<name>/config takes");
        }
        Map<String, String> settings = new LinkedHashMap<>();
        if (tree.path(CONFIG).isObject()) {
            tree.path(CONFIG).properties().forEach(entry -> add(settings, entry, source));
            if (tree.path(NAME).isTextual()) {
                settings.put(NAME, tree.path(NAME).asText());
            }
        } else {
            tree.properties().forEach(entry -> add(settings, entry, source));
        }
        return settings;
    }

    private static void add(Map<String, String> settings, Map.Entry<String, JsonNode> entry, String source) {
        JsonNode value = entry.getValue();
        if (value.isContainerNode()) {
            throw new CommandFailure("setting " + entry.getKey() + " in " + source
                    + " is a JSON object or array. Settings are strings, numbers or booleans");
        }
        if (!value.isNull()) {
            settings.put(entry.getKey(), value.asText());
        }
    }

    private static Map<String, String> resolved(Map<String, String> settings, String source) {
        Map<String, ConfigProvider> providers = Map.of(
                "file", new FileConfigProvider(),
                "env", new EnvVarConfigProvider(),
                "directory", new DirectoryConfigProvider());
        Map<String, String> resolved;
        try {
            providers.values().forEach(provider -> provider.configure(Map.of()));
            resolved = new LinkedHashMap<>(
                    new ConfigTransformer(providers).transform(settings).data());
        } catch (ConfigException e) {
            throw new CommandFailure("cannot resolve a reference in " + source + ": " + e.getMessage(), e);
        } finally {
            providers.values().forEach(ConnectorConfiguration::close);
        }
        settings.forEach((name, value) -> ensureResolved(name, value, resolved.get(name), providers, source));
        return resolved;
    }

    private static void ensureResolved(
            String name,
            String value,
            @org.jspecify.annotations.Nullable String resolved,
            Map<String, ConfigProvider> providers,
            String source) {
        Matcher reference = REFERENCE.matcher(value);
        while (reference.find()) {
            if (!providers.containsKey(reference.group(1))) {
                throw new CommandFailure(
                        "setting " + name + " in " + source + " refers to config provider \""
                                + reference.group(1)
                                + "\", which only the worker knows. Here file, env and directory work: give the value by one of them");
            }
            if (resolved == null || resolved.contains(reference.group())) {
                throw new CommandFailure("setting " + name + " in " + source + " refers to " + reference.group()
                        + ", which has no value: set the variable, or add the key to the file");
            }
        }
    }

    private static void close(ConfigProvider provider) {
        try {
            provider.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close a provider of Kafka", e);
        }
    }
}
