package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.config.Field;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.pgseam.config.DebeziumSetting.Verdict;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DebeziumSettingsTest {

    private static final String BEGIN = "<!-- settings:begin -->\n";
    private static final String END = "<!-- settings:end -->";

    /** A new version of Debezium with a new setting fails here until the setting has a verdict. */
    @Test
    void everySettingOfDebeziumsHasAVerdict() throws IllegalAccessException {
        Set<String> names = new TreeSet<>();
        for (Class<?> type = PostgresConnectorConfig.class; type != null; type = type.getSuperclass()) {
            for (java.lang.reflect.Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && Field.class.isAssignableFrom(field.getType())) {
                    field.setAccessible(true);
                    names.add(((Field) field.get(null)).name());
                }
            }
        }
        PostgresConnectorConfig.ALL_FIELDS.forEach(field -> names.add(field.name()));
        // Connect's own.
        names.remove("tasks.max");
        assertThat(names).hasSizeGreaterThan(100);
        assertThat(names.stream()
                        .filter(name -> DebeziumSettings.find(documented(name)).isEmpty()))
                .isEmpty();
    }

    /** Debezium names families of settings by expressions. */
    private static String documented(String name) {
        return name.replace("\\.", ".")
                .replace("(d+)", "1")
                .replaceAll("\\(.*?\\)", "x")
                .replaceAll("\\.\\.+", ".");
    }

    @Test
    void whatIsTheSameIsASettingHere() {
        Set<String> own = PgSeamSettings.definition().names();
        assertThat(DebeziumSettings.all().stream()
                        .filter(setting -> setting.verdict() == Verdict.SAME || setting.verdict() == Verdict.DIFFERS)
                        .filter(setting -> setting.pattern() == null)
                        .map(DebeziumSetting::name))
                .isSubsetOf(own);
        assertThat(DebeziumSettings.all().stream()
                        .filter(setting -> setting.verdict() != Verdict.SAME && setting.verdict() != Verdict.DIFFERS)
                        .map(DebeziumSetting::name))
                .doesNotContainAnyElementsOf(own);
    }

    @Test
    void eachSettingStandsOnce() {
        assertThat(DebeziumSettings.all()).extracting(DebeziumSetting::name).doesNotHaveDuplicates();
        assertThat(DebeziumSettings.all().stream()
                        .filter(setting -> setting.verdict() != Verdict.SAME)
                        .map(DebeziumSetting::meaning))
                .allMatch(text -> text.endsWith("."));
    }

    @Test
    void theDocumentationHasEverySetting() throws IOException {
        String page = Files.readString(Path.of("docs/debezium-settings.md"));
        Path right = Files.createDirectories(Path.of("target")).resolve("debezium-settings.md");
        Files.writeString(right, DebeziumSettingsTable.markdown());

        assertThat(page).contains(BEGIN, END);
        assertThat(page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END)))
                .as("settings in docs/debezium-settings.md; the right text is in " + right)
                .isEqualTo(Files.readString(right));
    }

    @Test
    void countsCharactersThatDiffer() {
        assertThat(Stream.of("table.inclde.list", "table.include.list", "tabel.include.list", "")
                        .map(name -> UnknownSettings.distance(name, "table.include.list"))
                        .collect(Collectors.toList()))
                .isEqualTo(Arrays.asList(1, 0, 2, 18));
    }
}
