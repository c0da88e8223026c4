package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    void holdsTheConnectorAndItsDriverAndNoJarOfTheWorker() {
        assertThat(filesIn("lib/"))
                .allMatch(name -> name.endsWith(".jar"))
                .satisfiesExactlyInAnyOrder(
                        jar -> assertThat(jar).isEqualTo("pgseam-connector-" + VERSION + ".jar"),
                        jar -> assertThat(jar).matches("postgresql-42\\.\\d+\\.\\d+\\.jar"));
    }

    @Test
    void isOneDirectoryInTheLayoutOfAComponentArchive() {
        assertThat(archive.stream().map(ZipEntry::getName)).allMatch(name -> name.startsWith(ROOT));
        assertThat(filesIn("doc/")).contains("README.md", "LICENSE", "CHANGELOG.md", "docs/control-topic.md");
        assertThat(filesIn("etc/"))
                .containsExactlyInAnyOrder("pgseam-distributed.json", "pgseam-standalone.properties");
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
