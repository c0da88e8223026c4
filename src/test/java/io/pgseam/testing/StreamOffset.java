package io.pgseam.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.phase.StreamPosition;
import java.util.Map;
import java.util.Objects;

/** Reads the committed position of a stream as Connect stores it. */
public final class StreamOffset {

    private static final ObjectMapper JSON = new ObjectMapper();

    private StreamOffset() {}

    /** The position that a stored source offset says. */
    public static StreamPosition of(JsonNode offset) {
        Map<String, Object> fields = JSON.convertValue(offset, new TypeReference<>() {});
        return Objects.requireNonNull(StreamPosition.fromSourceOffset(fields));
    }
}
