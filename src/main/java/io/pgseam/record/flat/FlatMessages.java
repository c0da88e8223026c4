package io.pgseam.record.flat;

import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.record.MessagePlace;
import io.pgseam.record.MessageRecords;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/** Messages in the flat format: the key is the prefix; the content, which may be any bytes, is base64. */
public final class FlatMessages implements MessageRecords {

    private static final Schema BYTES = Schema.OPTIONAL_BYTES_SCHEMA;
    private static final byte[] PREFIX = ascii("{\"prefix\":");
    private static final byte[] CONTENT = ascii(",\"content\":");
    private static final byte[] TRANSACTIONAL = ascii(",\"transactional\":");
    private static final byte[] COMMIT_LSN = ascii(",\"__lsn\":");
    private static final byte[] SEQUENCE = ascii(",\"__seq\":");
    private static final byte[] MESSAGE_LSN = ascii(",\"__message_lsn\":");
    private static final byte[] TRANSACTION = ascii(",\"__txid\":");
    private static final byte[] TIME = ascii(",\"__ts_ms\":");

    private final String topic;
    private final JsonBuffer out = new JsonBuffer();

    public FlatMessages(String topic) {
        this.topic = topic;
    }

    @Override
    public SourceRecord of(
            LogicalMessage message, MessagePlace place, Map<String, ?> partition, Map<String, ?> offset) {
        out.clear();
        out.append(PREFIX);
        append(message.prefix().getBytes(StandardCharsets.UTF_8));
        byte[] key = closed();
        out.endAt(key.length - 1);
        out.append(CONTENT);
        append(Base64.getEncoder().encode(message.content()).array());
        out.append(TRANSACTIONAL);
        out.append(message.transactional());
        out.append(COMMIT_LSN);
        out.appendUnsigned(place.commitLsn().value());
        out.append(SEQUENCE);
        out.appendUnsigned(place.sequence());
        out.append(MESSAGE_LSN);
        out.appendUnsigned(place.lsn().value());
        out.append(TRANSACTION);
        Long transaction = place.transactionId();
        if (transaction == null) {
            out.appendNull();
        } else {
            out.appendUnsigned(transaction);
        }
        out.append(TIME);
        out.appendSigned(Math.floorDiv(place.timeMicros(), TimeUnit.MILLISECONDS.toMicros(1)));
        byte[] value = closed();
        out.clear();
        return new SourceRecord(partition, offset, topic, null, BYTES, key, BYTES, value);
    }

    private void append(byte[] text) {
        out.appendString(text, 0, text.length);
    }

    private byte[] closed() {
        out.append('}');
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
