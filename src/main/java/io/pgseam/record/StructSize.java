package io.pgseam.record;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** How many bytes a structured key or value has at least, whatever its converter makes of it. */
final class StructSize {

    /** Up to this length a text is taken for ASCII: that it has more bytes makes no difference worth a look. */
    private static final int SHORT_TEXT = 1_024;

    private StructSize() {}

    /** The bytes of its texts, binary values and large numbers. Names, small numbers and separators need not take any. */
    static long of(@Nullable Object part) {
        if (part instanceof String text) {
            return text.length() <= SHORT_TEXT ? text.length() : Utils.utf8Length(text);
        }
        if (part instanceof byte[] bytes) {
            return bytes.length;
        }
        if (part instanceof ByteBuffer bytes) {
            return bytes.remaining();
        }
        if (part instanceof BigDecimal number) {
            return number.unscaledValue().bitLength() / Byte.SIZE;
        }
        long size = 0;
        if (part instanceof Struct struct) {
            for (Field field : struct.schema().fields()) {
                size += of(struct.getWithoutDefault(field.name()));
            }
        } else if (part instanceof Collection<?> elements) {
            for (Object element : elements) {
                size += of(element);
            }
        } else if (part instanceof Map<?, ?> entries) {
            for (Map.Entry<?, ?> entry : entries.entrySet()) {
                size += of(entry.getKey()) + of(entry.getValue());
            }
        }
        return size;
    }
}
