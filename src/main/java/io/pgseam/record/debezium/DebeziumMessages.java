package io.pgseam.record.debezium;

import io.debezium.config.CommonConnectorConfig.BinaryHandlingMode;
import io.debezium.connector.postgresql.LogicalDecodingMessageMonitor;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchemaFactory;
import io.debezium.data.Envelope;
import io.debezium.util.HexConverter;
import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.record.MessagePlace;
import io.pgseam.record.MessageRecords;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** Messages as Debezium's connector sends them: with the schemas of its own classes. */
public final class DebeziumMessages implements MessageRecords {

    private static final String MESSAGE = LogicalDecodingMessageMonitor.DEBEZIUM_LOGICAL_DECODING_MESSAGE_KEY;
    private static final String PREFIX = LogicalDecodingMessageMonitor.DEBEZIUM_LOGICAL_DECODING_MESSAGE_PREFIX_KEY;
    private static final String CONTENT = LogicalDecodingMessageMonitor.DEBEZIUM_LOGICAL_DECODING_MESSAGE_CONTENT_KEY;

    private final String topic;
    private final StructRecords records;
    private final Clock clock;
    private final BinaryHandlingMode binary;
    private final SourceBlock source;
    private final Schema keySchema;
    private final Schema valueSchema;

    /** @param clock for when a record was made */
    public DebeziumMessages(DebeziumSettings settings, String topic, Clock clock) {
        PostgresConnectorConfig config = settings.connectorConfig();
        PostgresSchemaFactory schemas = PostgresSchemaFactory.get();
        this.topic = topic;
        this.records = new StructRecords(settings.json());
        this.clock = clock;
        this.binary = config.binaryHandlingMode();
        this.source = new SourceBlock(config, null);
        this.keySchema = schemas.logicalDecodingMessageMonitorKeySchema(config.schemaNameAdjuster());
        this.valueSchema =
                schemas.logicalDecodingMessageMonitorValueSchema(config.schemaNameAdjuster(), config, binary);
    }

    @Override
    public SourceRecord of(
            LogicalMessage message, MessagePlace place, Map<String, ?> partition, Map<String, ?> offset) {
        Struct key = new Struct(keySchema).put(PREFIX, message.prefix());
        Struct said = new Struct(valueSchema.field(MESSAGE).schema())
                .put(PREFIX, message.prefix())
                .put(CONTENT, content(message.content()));
        Struct value = new Struct(valueSchema)
                .put(Envelope.FieldName.OPERATION, Envelope.Operation.MESSAGE.code())
                .put(Envelope.FieldName.TIMESTAMP, clock.millis())
                .put(Envelope.FieldName.SOURCE, source.ofMessage(place))
                .put(MESSAGE, said);
        if (place.order() != null && place.transactionId() != null) {
            TransactionBlock.put(value, place.transactionId(), place.lsn(), place.order());
        }
        return records.of(topic, key, value, partition, offset);
    }

    private Object content(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return switch (binary) {
            case BASE64 -> Base64.getEncoder().encodeToString(bytes);
            case BASE64_URL_SAFE -> Base64.getUrlEncoder().encodeToString(bytes);
            case HEX -> HexConverter.convertToHexString(bytes);
            case BYTES -> ByteBuffer.wrap(bytes);
        };
    }
}
