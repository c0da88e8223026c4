package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.testing.PluginArchive;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.connect.runtime.isolation.PluginUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the archive that users unzip into their {@code plugin.path}, as the build has just made it. */
class PluginArchiveIT {

    private static final String VERSION = System.getProperty("pgseam.project.version");
    private static final String ROOT = "pgseam-connector-" + VERSION + "/";

    private static ZipFile archive;

    @BeforeAll
    static void openTheArchive() throws IOException {
        archive = new ZipFile(new File(System.getProperty("pgseam.plugin.archive")));
    }

    @AfterAll
    static void closeTheArchive() throws IOException {
        archive.close();
    }

    @Test
    void holdsTheConnectorItsDriverAndDebeziumsFormatAndNoJarOfTheWorker() {
        assertThat(filesIn("lib/"))
                .allMatch(name -> name.endsWith(".jar"))
                .satisfiesExactlyInAnyOrder(
                        jar -> assertThat(jar).isEqualTo("pgseam-connector-" + VERSION + ".jar"),
                        jar -> assertThat(jar).matches("postgresql-42\\.\\d+\\.\\d+\\.jar"),
                        jar -> assertThat(jar).matches("debezium-api-.*"),
                        jar -> assertThat(jar).matches("debezium-config-.*"),
                        jar -> assertThat(jar).matches("debezium-connector-common-.*"),
                        jar -> assertThat(jar).matches("debezium-openlineage-api-.*"),
                        jar -> assertThat(jar).matches("debezium-util-.*"),
                        jar -> assertThat(jar)
                                .isEqualTo("pgseam-connector-" + VERSION + "-debezium-connector-postgres.jar"),
                        jar -> assertThat(jar)
                                .isEqualTo("pgseam-connector-" + VERSION + "-debezium-connect-plugins.jar"));
    }

    @Test
    void bringsOfDebeziumNoConnectorAndNoConverter(@TempDir Path directory) throws Exception {
        PluginArchive.unzip(Path.of(System.getProperty("pgseam.plugin.archive")), directory);
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> lib = Files.newDirectoryStream(directory.resolve(ROOT + "lib"))) {
            for (Path jar : lib) {
                jars.add(jar.toUri().toURL());
            }
        }
        try (URLClassLoader loader = new URLClassLoader(jars.toArray(URL[]::new), null)) {
            assertThat(services(loader, "org.apache.kafka.connect.source.SourceConnector"))
                    .containsExactly("io.pgseam.PgSeamSourceConnector");
            assertThat(loader.findResource("io/debezium/connector/postgresql/PostgresConnector.class"))
                    .isNull();
            assertThat(services(loader, "org.apache.kafka.connect.storage.Converter"))
                    .isEmpty();
            assertThat(services(loader, "org.apache.kafka.connect.storage.HeaderConverter"))
                    .isEmpty();
            assertThat(services(loader, "org.apache.kafka.connect.transforms.Transformation"))
                    .contains(
                            "io.debezium.transforms.ExtractNewRecordState",
                            "io.debezium.transforms.outbox.EventRouter");
        }
    }

    /** Connect's own rule: every jar below the directory, at any depth, is on the plugin's class path. */
    @Test
    void hasConnectLoadTheJarsInLibAndNothingOfTheCommandLine(@TempDir Path directory) throws Exception {
        PluginArchive.unzip(Path.of(System.getProperty("pgseam.plugin.archive")), directory);
        Path root = directory.resolve(ROOT);

        List<String> loaded = PluginUtils.pluginUrls(root).stream()
                .map(jar -> root.relativize(jar).toString())
                .toList();

        assertThat(loaded)
                .containsExactlyInAnyOrderElementsOf(
                        filesIn("lib/").stream().map(jar -> "lib/" + jar).toList());
        assertThat(loaded).noneMatch(jar -> jar.contains("picocli") || jar.contains("kafka-clients"));
        try (ZipFile connector = new ZipFile(
                root.resolve("lib/pgseam-connector-" + VERSION + ".jar").toFile())) {
            assertThat(connector.stream().map(ZipEntry::getName)).noneMatch(name -> name.startsWith("io/pgseam/tool/"));
        }
    }

    @Test
    void bringsACommandLineThatRunsFromWhereItIsUnzipped(@TempDir Path directory) throws Exception {
        PluginArchive.unzip(Path.of(System.getProperty("pgseam.plugin.archive")), directory);
        Path script = directory.resolve(ROOT + "bin/pgseam");
        Path link = Files.createSymbolicLink(directory.resolve("pgseam"), script);

        assertThat(run(directory, "sh", link.toString(), "--version")).isEqualTo("0: pgseam " + VERSION);
        assertThat(run(directory, "sh", script.toString(), "completion"))
                .startsWith("0: ")
                .contains("complete -F");
        // The whole way through settings, driver and validation; nothing listens on port 1.
        Path configuration = directory.resolve("shop.json");
        Files.writeString(configuration, """
                {"name": "shop", "config": {"connector.class": "io.pgseam.PgSeamSourceConnector",
                 "database.hostname": "127.0.0.1", "database.port": 1, "database.user": "me", "database.dbname": "shop",
                 "topic.prefix": "shop", "key.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
                 "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter"}}
                """);
        assertThat(run(directory, "sh", script.toString(), "check", configuration.toString()))
                .startsWith("1: ")
                .contains("database.hostname", "nothing accepts connections at 127.0.0.1:1", "1 fault");
    }

    /** Exit status and output of a command. */
    private static String run(Path directory, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + ": " + output.strip();
    }

    private static List<String> services(URLClassLoader loader, String service) throws IOException {
        List<String> names = new ArrayList<>();
        for (URL file : Collections.list(loader.findResources("META-INF/services/" + service))) {
            try (InputStream stream = file.openStream()) {
                new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::trim)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .forEach(names::add);
            }
        }
        return names;
    }

    @Test
    void isOneDirectoryInTheLayoutOfAComponentArchive() {
        assertThat(archive.stream().map(ZipEntry::getName)).allMatch(name -> name.startsWith(ROOT));
        assertThat(filesIn("doc/")).contains("README.md", "LICENSE", "CHANGELOG.md", "docs/control-topic.md");
        assertThat(filesIn("etc/"))
                .containsExactlyInAnyOrder(
                        "metrics/grafana-dashboard.json",
                        "metrics/jmx-exporter.yml",
                        "metrics/prometheus-alerts.yml",
                        "metrics/strimzi-metrics.yaml",
                        "README.md",
                        "msk-connect.json",
                        "pgseam-debezium.json",
                        "pgseam-distributed.json",
                        "pgseam-failover.json",
                        "pgseam-large-database.json",
                        "pgseam-packed.json",
                        "pgseam-prepared-publication.json",
                        "pgseam-rds.json",
                        "pgseam-snapshot-only.json",
                        "pgseam-standalone.properties",
                        "pgseam-standby.json",
                        "pgseam-tls.json",
                        "strimzi.yaml");
    }

    @Test
    void saysInItsManifestWhatItIs() throws IOException {
        JsonNode manifest = json("manifest.json");

        assertThat(manifest.path("name").asText()).isEqualTo("pgseam-connector");
        assertThat(manifest.path("version").asText()).isEqualTo(VERSION);
        assertThat(manifest.path("component_types"))
                .extracting(JsonNode::asText)
                .containsExactly("source");
        assertThat(manifest.toString()).as("no placeholder is left").doesNotContain("${");
    }

    @Test
    void bringsExamplesThatNameTheConnectorAndTheConvertersItNeeds() throws IOException {
        JsonNode distributed = json("etc/pgseam-distributed.json").path("config");
        Properties standalone = new Properties();
        try (InputStream stream = open("etc/pgseam-standalone.properties")) {
            standalone.load(stream);
        }

        for (String setting : List.of("connector.class", "key.converter", "value.converter")) {
            assertThat(standalone.getProperty(setting))
                    .as(setting)
                    .isEqualTo(distributed.path(setting).asText());
        }
        assertThat(standalone.getProperty("connector.class")).isEqualTo("io.pgseam.PgSeamSourceConnector");
        assertThat(standalone.getProperty("key.converter"))
                .isEqualTo("org.apache.kafka.connect.converters.ByteArrayConverter");
    }

    /** Whoever compares the two examples sees what the format takes, and nothing else. */
    @Test
    void bringsAnExampleForDebeziumsEnvelopeThatDiffersInTheFormatOnly() throws IOException {
        ObjectNode envelope = (ObjectNode) json("etc/pgseam-debezium.json").path("config");

        assertThat(envelope.remove("output.format").asText()).isEqualTo("debezium");
        assertThat(envelope).isEqualTo(json("etc/pgseam-distributed.json").path("config"));
    }

    @Test
    void bringsAnExampleForPackedMessagesThatDiffersInTheirSizeOnly() throws IOException {
        ObjectNode packed = (ObjectNode) json("etc/pgseam-packed.json").path("config");

        assertThat(packed.remove("flat.pack.bytes").asText()).isEqualTo("64kB");
        assertThat(packed).isEqualTo(json("etc/pgseam-distributed.json").path("config"));
    }

    @Test
    void theSettingsOfTheExamplesAreTakenWithoutAFault() throws IOException {
        Map<String, JsonNode> examples = new TreeMap<>();
        for (String file : filesIn("etc/")) {
            if (file.startsWith("pgseam-") && file.endsWith(".json")) {
                examples.put(file, json("etc/" + file).path("config"));
            }
        }
        JsonNode request = json("etc/msk-connect.json");
        examples.put("msk-connect.json", request.path("connectorConfiguration"));
        JsonNode resource = connectorOfStrimzi().path("spec");
        ObjectNode strimzi = resource.path("config").deepCopy();
        strimzi.set("connector.class", resource.path("class"));
        strimzi.set("tasks.max", resource.path("tasksMax"));
        examples.put("strimzi.yaml", strimzi);

        assertThat(examples).hasSize(12).allSatisfy((example, config) -> {
            Map<String, String> settings = new HashMap<>(Map.of("name", "pgseam-shop"));
            config.properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asText()));
            assertThat(PgSeamSettings.faults(settings)).isEmpty();
            assertThat(settings).containsEntry("connector.class", "io.pgseam.PgSeamSourceConnector");
        });
        assertThat(example("README.md")).contains(examples.keySet());
    }

    private static JsonNode connectorOfStrimzi() throws IOException {
        try (MappingIterator<JsonNode> resources =
                new YAMLMapper().readerFor(JsonNode.class).readValues(example("strimzi.yaml"))) {
            JsonNode workers = resources.next();
            JsonNode connector = resources.next();
            assertThat(workers.path("kind").asText()).isEqualTo("KafkaConnect");
            assertThat(connector.path("kind").asText()).isEqualTo("KafkaConnector");
            assertThat(connector.at("/metadata/labels").path("strimzi.io/cluster"))
                    .isEqualTo(workers.at("/metadata/name"));
            return connector;
        }
    }

    private static String example(String name) throws IOException {
        try (InputStream stream = open("etc/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> filesIn(String directory) {
        return archive.stream()
                .filter(entry -> !entry.isDirectory())
                .map(ZipEntry::getName)
                .filter(name -> name.startsWith(ROOT + directory))
                .map(name -> name.substring((ROOT + directory).length()))
                .toList();
    }

    private static JsonNode json(String name) throws IOException {
        try (InputStream stream = open(name)) {
            return new ObjectMapper().readTree(stream);
        }
    }

    private static InputStream open(String name) throws IOException {
        ZipEntry entry = archive.getEntry(ROOT + name);
        assertThat(entry).as(name).isNotNull();
        return archive.getInputStream(entry);
    }
}
