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
    void theDocumentationHasEverySetting() throws IOException {
        String page = Files.readString(Path.of("docs/settings.md"));
        String expected = new SettingsTable(PgSeamSettings.definition()).markdown();

        assertThat(page).contains(BEGIN, END);
        String actual = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
        assertThat(actual.strip())
                .as("settings in docs/settings.md; the right text is in target/settings.md")
                .isEqualTo(write(expected).strip());
    }

    /** Leaves the right text where it can be copied from. */
    private static String write(String markdown) throws IOException {
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("settings.md"), markdown);
        return markdown;
    }
}
