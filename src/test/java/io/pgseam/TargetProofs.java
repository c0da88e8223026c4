package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.tool.CommandLineSession;
import io.pgseam.tool.CommandLineSession.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@code verify --target} on the tables of {@link RandomWriter}.
 *
 * @param command the command with its configuration, and how it reaches the target
 */
record TargetProofs(List<String> command) {

    private Result verify() {
        List<String> arguments = new ArrayList<>(List.of("verify"));
        arguments.addAll(command);
        arguments.add("--json");
        return CommandLineSession.piped().run(arguments.toArray(String[]::new));
    }

    void assertEqual() {
        Result result = verify();
        assertThat(result.status()).as(result.toString()).isZero();
        for (JsonNode table : result.json().path("tables")) {
            assertThat(table.path("target_rows").asLong())
                    .as(table.toString())
                    .isEqualTo(table.path("rows").asLong());
        }
    }

    /** Somebody has set the owner of account 1, deleted account 2 and added account -7 in the target. */
    void assertFindsAccountsThatWereAltered() {
        Result result = verify();
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        JsonNode account = result.json().path("tables").path(0);
        assertThat(account.path("differences"))
                .extracting(difference -> difference.path("kind").asText()
                        + difference.path("key").asText()
                        + difference.path("columns"))
                .as(result.toString())
                .containsExactlyInAnyOrder(
                        "different{\"id\":1}[\"owner\"]", "missing{\"id\":2}[]", "extra{\"id\":-7}[]");
    }
}
