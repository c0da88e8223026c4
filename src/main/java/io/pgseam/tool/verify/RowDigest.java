package io.pgseam.tool.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Column;
import io.pgseam.record.MessageHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What two renderings of a row have in common if they are equal: 128 bits that name the row, and 64 bits for its values. Fields may be in
 * any order, columns that the table does not have any longer do not count, and a column that is absent is NULL. Reused for each row; not for
 * several threads.
 */
final class RowDigest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNKNOWN = -1;

    /** Different functions of the same field. */
    private static final long NAME_SEED = 0x5EA11;

    private static final long SECOND_NAME_SEED = 0x5EA12;
    private static final long VALUE_SEED = 0x5EA13;

    private final Map<String, Integer> places = new HashMap<>();
    private final boolean[] names;
    private final boolean keyed;
    private final byte[][] asWritten;
    private final Map<String, Integer> known = new HashMap<>();
    private final FlatObject object = new FlatObject();

    private byte[] bytes = new byte[0];
    private long name;
    private long secondName;
    private long values;
    private int columnsFound;
    private final int[] nameStarts;
    private final int[] nameEnds;

    /** @param columns the columns of the table, as it is now */
    RowDigest(List<Column> columns) {
        boolean rowKey = columns.stream().anyMatch(Column::inRowKey);
        keyed = rowKey || columns.stream().anyMatch(Column::isKey);
        names = new boolean[columns.size()];
        asWritten = new byte[columns.size()][];
        nameStarts = new int[columns.size()];
        nameEnds = new int[columns.size()];
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            places.put(column.name(), i);
            names[i] = rowKey ? column.inRowKey() : column.isKey();
        }
    }

    /** Whether some columns tell a row from every other. If not, a row is named by all its values. */
    boolean isKeyed() {
        return keyed;
    }

    /**
     * Reads a row.
     *
     * @param value bytes that have it
     * @param from where its JSON object begins
     * @param to where that ends
     */
    void read(byte[] value, int from, int to) throws MalformedRowException {
        bytes = value;
        name = 0;
        secondName = 0;
        values = 0;
        columnsFound = 0;
        Arrays.fill(nameStarts, UNKNOWN);
        object.reset(value, from, to);
        int expected = 0;
        while (object.next()) {
            int column = column(expected);
            if (column >= 0) {
                take(column);
                expected = column + 1;
            }
        }
    }

    private void take(int column) {
        columnsFound++;
        int from = object.nameStart();
        int to = object.valueEnd();
        boolean isNull = bytes[object.valueStart()] == 'n';
        if (!isNull) {
            values += MessageHash.of(bytes, from, to, VALUE_SEED);
        }
        if (keyed ? names[column] : !isNull) {
            name += MessageHash.of(bytes, from, to, NAME_SEED);
            secondName += MessageHash.of(bytes, from, to, SECOND_NAME_SEED);
            nameStarts[column] = from;
            nameEnds[column] = to;
        }
    }

    /** The column of the present field; they mostly come in their order. */
    private int column(int expected) throws MalformedRowException {
        if (expected < asWritten.length) {
            byte[] written = asWritten[expected];
            if (written != null && object.isNamed(written)) {
                return expected;
            }
        }
        String text = object.nameText();
        Integer place = known.get(text);
        if (place == null) {
            place = places.getOrDefault(decoded(text), UNKNOWN);
            known.put(text, place);
            if (place >= 0) {
                asWritten[place] = text.getBytes(StandardCharsets.UTF_8);
            }
        }
        return place;
    }

    private static String decoded(String text) throws MalformedRowException {
        try {
            return JSON.readValue('"' + text + '"', String.class);
        } catch (JsonProcessingException e) {
            // Without the cause, which quotes the text.
            throw new MalformedRowException("a name of a field that is no JSON");
        }
    }

    long name() {
        return name;
    }

    long secondName() {
        return secondName;
    }

    long values() {
        return values;
    }

    /** Whether columns of the table are absent: the row was sent before they were added. */
    boolean lacksColumns() {
        return columnsFound < names.length;
    }

    /** What names the row, as JSON; null if it is all its values. */
    @Nullable
    String nameText() {
        if (!keyed) {
            return null;
        }
        StringBuilder text = new StringBuilder("{");
        for (int column = 0; column < names.length; column++) {
            if (nameStarts[column] >= 0) {
                text.append(text.length() == 1 ? "\"" : ",\"")
                        .append(new String(
                                bytes,
                                nameStarts[column],
                                nameEnds[column] - nameStarts[column],
                                StandardCharsets.UTF_8));
            }
        }
        return text.append('}').toString();
    }
}
