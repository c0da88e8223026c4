package io.pgseam.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectorVersionTest {

    @Test
    void answersTheVersionOfTheBuild() {
        // Surefire passes the version of the pom; without it (in an IDE) at least the placeholder must be gone.
        String expected = System.getProperty("pgseam.project.version", ConnectorVersion.get());

        assertThat(ConnectorVersion.get())
                .isEqualTo(expected)
                .doesNotContain("$")
                .matches("\\d+\\.\\d+\\.\\d+.*");
    }
}
