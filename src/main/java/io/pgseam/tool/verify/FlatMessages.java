package io.pgseam.tool.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.pgseam.pg.Lsn;
import io.pgseam.record.flat.MetadataField;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Messages of the flat format that have one row each. Not for several threads. */
final class FlatMessages implements MessageRows {

    private static final byte[] OP = MetadataField.OP.fieldName().getBytes(US_ASCII);
    private static final byte[] LSN = MetadataField.LSN.fieldName().getBytes(US_ASCII);
    private static final byte[] SEQ = MetadataField.SEQ.fieldName().getBytes(US_ASCII);
    private static final byte[] SNAPSHOT = MetadataField.SNAPSHOT.fieldName().getBytes(US_ASCII);
    private static final byte[] DELETED = MetadataField.DELETED.fieldName().getBytes(US_ASCII);
    private final FlatObject object = new FlatObject();

    @Override
    public void read(ConsumerRecord<byte[], byte[]> message, Taker rows) throws MalformedRowException {
        if (message.value() != null) {
            rows.take(row(message.key(), message.value(), 0, message.value().length));
        }
    }

    /** The row in a part of a message's value. */
    TopicRow row(byte @Nullable [] key, byte[] value, int from, int to) throws MalformedRowException {
        object.reset(value, from, to);
        boolean deleted = false;
        boolean snapshot = false;
        long lsn = 0;
        long sequence = 0;
        boolean placed = false;
        while (object.next()) {
            if (!object.mayBeMetadata()) {
                continue;
            }
            if (object.isNamed(LSN)) {
                lsn = number();
                placed = true;
            } else if (object.isNamed(SEQ)) {
                sequence = number();
            } else if (object.isNamed(SNAPSHOT)) {
                snapshot = value[object.valueStart()] == 't';
            } else if (object.isNamed(OP)) {
                deleted |= value[object.valueStart()] == '1';
            } else if (object.isNamed(DELETED)) {
                deleted |= value[object.valueStart()] == 't';
            }
        }
        if (!placed) {
            throw new MalformedRowException("no field __lsn");
        }
        return new TopicRow(key, value, from, to, deleted, new Lsn(lsn), sequence, snapshot);
    }

    private long number() throws MalformedRowException {
        try {
            return Long.parseUnsignedLong(object.valueText());
        } catch (NumberFormatException e) {
            throw new MalformedRowException("field " + object.nameText() + " is no number");
        }
    }
}
