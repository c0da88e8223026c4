package io.pgseam.control;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The key of a row as a record of the control topic tells it. */
final class ToldKey {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** A larger key is left out. A record has the key twice, and has to be well within every limit of its size. */
    private static final int MOST_KEY_BYTES = 8 << 10;

    private ToldKey() {}

    /** @param rowKey JSON; null if the row has no key */
    static JsonNode of(byte @Nullable [] rowKey) {
        return rowKey == null || rowKey.length > MOST_KEY_BYTES ? NullNode.getInstance() : parsed(rowKey);
    }

    private static JsonNode parsed(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            // Without the cause: it quotes the text, and with it a row's values.
            throw new IllegalStateException("the key of a record is no JSON");
        }
    }
}
