package io.pgseam.stream;

import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the text of pgoutput's messages UTF-8, if the server sends it in its own encoding.
 *
 * <p>A server usually converts text itself, and ends the session at a value that it cannot convert: bytes that are not valid in its
 * encoding, or a character that UTF-8 does not have. No later session gets past that change. So then the server is asked not to convert,
 * and this does, which knows table and column. A database in SQL_ASCII says nothing of its text; it is taken for UTF-8.
 *
 * <p>Used by the thread that reads the slot, for one session.
 */
final class RawMessages {

    private static final Logger LOG = LoggerFactory.getLogger(RawMessages.class);

    private final DatabaseEncoding encoding;
    private final boolean replace;
    private final @Nullable TableId signals;
    private final Map<Integer, Described> relations = new HashMap<>();
    private final Set<String> warned = new HashSet<>();

    /** What a Relation message says of names. */
    private record Described(TableId table, List<String> columns) {}

    /**
     * @param encoding the server's encoding, as PostgreSQL names it
     * @param replace whether text that cannot be converted gets U+FFFD where it cannot; else it is a failure
     * @param signals the table of signals: nothing in it is a failure; null if there is none
     */
    RawMessages(String encoding, boolean replace, @Nullable TableId signals) {
        this.signals = signals;
        this.encoding = new DatabaseEncoding(encoding);
        this.replace = replace;
    }

    /**
     * A message with its text in UTF-8.
     *
     * @param message as the server sent it
     * @param at where it is in the WAL
     * @throws ConnectException if a value cannot be converted and is not to be replaced
     */
    ByteBuffer utf8(ByteBuffer message, Lsn at) {
        Out out = new Out(message.remaining() + 64);
        ByteBuffer in = message.duplicate();
        byte type = in.get();
        out.write(type);
        switch (type) {
            case 'R' -> relation(in, out);
            case 'I', 'U', 'D' -> change(in, out, at);
            case 'M' -> message(in, out);
            default -> {
                return message;
            }
        }
        return ByteBuffer.wrap(out.toByteArray());
    }

    private void relation(ByteBuffer in, Out out) {
        int oid = out.copyInt(in);
        TableId table = new TableId(name(in, out), name(in, out));
        out.write(in.get());
        int count = out.copyShort(in);
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.write(in.get());
            columns.add(name(in, out));
            out.copyInt(in);
            out.copyInt(in);
        }
        relations.put(oid, new Described(table, columns));
    }

    /** The content of a message is bytes in any encoding, or in none: it stays as it is. */
    private void message(ByteBuffer in, Out out) {
        out.write(in.get());
        out.copyInt(in);
        out.copyInt(in);
        name(in, out);
        byte[] lengthAndContent = new byte[in.remaining()];
        in.get(lengthAndContent);
        out.writeBytes(lengthAndContent);
    }

    private String name(ByteBuffer in, Out out) {
        int start = in.position();
        int end = start;
        while (in.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        in.get(bytes);
        in.get();
        String name = encoding.text(bytes);
        out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        out.write(0);
        return name;
    }

    private void change(ByteBuffer in, Out out, Lsn at) {
        Described relation = relations.get(out.copyInt(in));
        while (in.hasRemaining()) {
            out.write(in.get());
            int count = out.copyShort(in);
            for (int column = 0; column < count; column++) {
                byte kind = in.get();
                out.write(kind);
                if (kind == 't') {
                    byte[] bytes = new byte[in.getInt()];
                    in.get(bytes);
                    byte[] converted = converted(bytes, relation, column, at);
                    out.writeInt(converted.length);
                    out.writeBytes(converted);
                }
            }
        }
    }

    private byte[] converted(byte[] bytes, @Nullable Described relation, int column, Lsn at) {
        try {
            return encoding.utf8(bytes);
        } catch (CharacterCodingException invalid) {
            String place = relation == null
                    ? "of an unknown table"
                    : "of column " + relation.columns().get(column) + " of table " + relation.table();
            if (!replace && (relation == null || !relation.table().equals(signals))) {
                throw new ConnectException(
                        "Cannot convert a value " + place + " from " + encoding.name()
                                + " to UTF-8, in a change at LSN "
                                + at + ": it has bytes that are not valid, or characters that UTF-8 does not have."
                                + " Set text.invalid=replace to have them replaced by U+FFFD, and correct the row in the source");
            }
            if (warned.add(place)) {
                LOG.warn(
                        "A value {} cannot be converted from {} to UTF-8, in a change at LSN {}: what is not valid is replaced by U+FFFD"
                                + " (text.invalid=replace). Correct the row in the source. Further values of this column are"
                                + " not logged in this session",
                        place,
                        encoding.name(),
                        at);
            }
            return encoding.utf8Replacing(bytes);
        }
    }

    /** A message as it is written. */
    private static final class Out extends ByteArrayOutputStream {

        Out(int size) {
            super(size);
        }

        int copyInt(ByteBuffer in) {
            int value = in.getInt();
            writeInt(value);
            return value;
        }

        void writeInt(int value) {
            writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
        }

        short copyShort(ByteBuffer in) {
            short value = in.getShort();
            writeBytes(ByteBuffer.allocate(Short.BYTES).putShort(value).array());
            return value;
        }
    }
}
