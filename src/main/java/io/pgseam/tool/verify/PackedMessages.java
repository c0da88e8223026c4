package io.pgseam.tool.verify;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Messages of the flat format that have many rows each ({@code flat.pack.bytes}): JSON objects one after the other, or an array of them. Not
 * for several threads.
 */
final class PackedMessages implements MessageRows {

    private final FlatMessages messages = new FlatMessages();

    /** Rows of one bucket are in order, and those of several buckets are in one partition. */
    @Override
    public boolean ordersByKey() {
        return true;
    }

    @Override
    public void read(ConsumerRecord<byte[], byte[]> message, Taker rows) throws MalformedRowException {
        byte[] value = message.value();
        if (value == null) {
            return;
        }
        boolean none = true;
        int start = nextRow(value, 0);
        while (start < value.length) {
            int end = end(value, start);
            rows.take(messages.row(message.key(), value, start, end));
            none = false;
            start = nextRow(value, end);
        }
        if (none) {
            throw new MalformedRowException("no row");
        }
    }

    /** Where the next object begins; the end of the value if there is none. */
    private static int nextRow(byte[] value, int from) throws MalformedRowException {
        int at = from;
        while (at < value.length && value[at] != '{') {
            if (value[at] != '\n' && value[at] != ',' && value[at] != '[' && value[at] != ']') {
                throw new MalformedRowException("something else than a row at byte " + at);
            }
            at++;
        }
        return at;
    }

    /** Where the object ends that begins here. */
    private static int end(byte[] value, int start) throws MalformedRowException {
        int depth = 0;
        boolean quoted = false;
        int at = start;
        while (at < value.length) {
            byte character = value[at];
            at += quoted && character == '\\' ? 2 : 1;
            if (character == '"') {
                quoted = !quoted;
            } else if (!quoted && character == '{') {
                depth++;
            } else if (!quoted && character == '}') {
                depth--;
                if (depth == 0) {
                    return at;
                }
            }
        }
        throw new MalformedRowException("a row without an end");
    }
}
