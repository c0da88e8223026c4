package io.pgseam.testing;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How JSON is read where every digit counts. */
public final class ExactJson {

    public static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    private ExactJson() {}

    /**
     * Parses the key or the value of a record; JSON's null if there is none.
     *
     * @throws AssertionError if it is not JSON
     */
    public static JsonNode of(byte @Nullable [] json) {
        try {
            return json == null ? NullNode.getInstance() : READER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + new String(json, StandardCharsets.UTF_8), e);
        }
    }
}
