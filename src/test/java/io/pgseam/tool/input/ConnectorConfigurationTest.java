package io.pgseam.tool.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.tool.outcome.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectorConfigurationTest {

    @TempDir
    Path directory;

    @Test
    void readsWhatPutTakesAndWhatPostTakes() throws IOException {
        Path bare = Files.writeString(
                directory.resolve("bare.json"),
                "{\"name\": \"shop\", \"tasks.max\": 4, \"flat.headers\": true, \"a\": null}");
        Path named = Files.writeString(
                directory.resolve("named.json"),
                "{\"name\": \"shop\", \"config\": {\"tasks.max\": \"4\", \"flat.headers\": \"true\"}}");
        Map<String, String> settings = Map.of("name", "shop", "tasks.max", "4", "flat.headers", "true");

        assertThat(ConnectorConfiguration.read(bare.toString(), nothing())).isEqualTo(settings);
        assertThat(ConnectorConfiguration.read(named.toString(), nothing())).isEqualTo(settings);
        assertThat(ConnectorConfiguration.read("-", text("{\"topic.prefix\": \"shop\"}")))
                .isEqualTo(Map.of("topic.prefix", "shop"));
    }

    @Test
    void resolvesReferencesAsAWorkerDoes() throws IOException {
        Path secrets = Files.writeString(directory.resolve("secrets.properties"), "password=s:3}cret\n");
        Files.writeString(directory.resolve("user"), "me");
        String path = System.getenv("PATH");

        assertThat(ConnectorConfiguration.read(
                        "-",
                        text("{\"a\": \"${file:" + secrets
                                + ":password}\", \"b\": \"<${env:PATH}>\", \"c\": \"${directory:" + directory
                                + ":user}\", \"topic.naming\": \"${prefix}.${table}\"}")))
                .isEqualTo(Map.of(
                        "a", "s:3}cret", "b", "<" + path + ">", "c", "me", "topic.naming", "${prefix}.${table}"));
    }

    @Test
    void saysWhichReferenceCannotBeResolved() {
        assertFails("{\"a\": \"${env:PGSEAM_NO_SUCH_VARIABLE}\"}", "setting a", "${env:PGSEAM_NO_SUCH_VARIABLE}");
        assertFails("{\"a\": \"${vault:db:password}\"}", "setting a", "\"vault\"", "file, env and directory");
        assertFails("{\"a\": \"${file:/no/such.properties:password}\"}", "/no/such.properties");
    }

    @Test
    void saysWhatIsNoConfiguration() {
        assertFails("[]", "not a JSON object");
        assertFails("{\"a\": {\"b\": 1}}", "setting a", "strings, numbers or booleans");
        assertFails("{\"a\": 1, \"a\": 2}", "not valid JSON", "uplicate");
        assertFails("{\"a\": 1} {\"b\": 2}", "not valid JSON");
    }

    @Test
    void keepsThePasswordOutOfTheMessage() {
        assertThatThrownBy(() -> ConnectorConfiguration.read("-", text("{\"database.password\": \"hidden\" oops}")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("line 1")
                .hasMessageNotContaining("hidden");
    }

    private static void assertFails(String json, String... parts) {
        assertThatThrownBy(() -> ConnectorConfiguration.read("-", text(json)))
                .isInstanceOf(CommandFailure.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(parts));
    }

    private static ByteArrayInputStream nothing() {
        return text("");
    }

    private static ByteArrayInputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
