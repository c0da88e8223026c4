package io.pgseam.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KnownDifferencesDocTest {

    @Test
    void theDifferencesThatTheOracleLetsPassAreThoseInTheDocument() throws IOException {
        List<String> documented = Pattern.compile("(?m)^\\| (D\\d+) \\|")
                .matcher(Files.readString(Path.of("docs/debezium.md")))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(documented)
                .containsExactlyElementsOf(
                        Arrays.stream(KnownDifference.values()).map(Enum::name).toList());
    }
}
