package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.input.FileFailures;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The file of {@code --state}: one JSON document a line, each of something that a run has finished. A later run begins behind it. */
final class StateFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final @Nullable Path file;

    /** @param file made if it does not exist; null to keep nothing */
    StateFile(@Nullable Path file) {
        this.file = file;
    }

    /**
     * Reads what earlier runs have finished.
     *
     * @param documents takes each document; may throw {@link IllegalArgumentException} if it is none of this project
     * @throws CommandFailure if the file cannot be read
     */
    void read(Consumer<JsonNode> documents) {
        if (file == null || !Files.exists(file)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                // The last line may be cut off.
                if (line.endsWith("}")) {
                    documents.accept(JSON.readTree(line));
                }
            }
        } catch (IOException e) {
            throw noState(FileFailures.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw noState(String.valueOf(e.getMessage()), e);
        }
    }

    private CommandFailure noState(String reason, Exception e) {
        return new CommandFailure(file + " cannot be read, or is no file of pgseam verify --state: " + reason, e);
    }

    /**
     * Adds what is finished.
     *
     * @throws CommandFailure if the file cannot be written
     */
    void add(JsonNode document) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(document) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new CommandFailure("cannot write to " + file + ": " + FileFailures.reason(e), e);
        }
    }
}
