package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SettingsTableTest {

    private static final String BEGIN = "<!-- settings:begin -->\n";
    private static final String END = "<!-- settings:end -->";

    @Test
    void theReadmeTellsEverySetting() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String expected = new SettingsTable(PgSeamSettings.definition()).markdown();

        assertThat(readme).contains(BEGIN, END);
        String actual = readme.substring(readme.indexOf(BEGIN) + BEGIN.length(), readme.indexOf(END));
        assertThat(actual.strip())
                .as("settings in README.md; the right text is in target/settings.md")
                .isEqualTo(write(expected).strip());
    }

    /** Leaves the right text where it can be copied from. */
    private static String write(String markdown) throws IOException {
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("settings.md"), markdown);
        return markdown;
    }
}
