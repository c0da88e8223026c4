package io.pgseam.record.debezium;

import io.debezium.pipeline.txmetadata.TransactionStatus;
import io.debezium.pipeline.txmetadata.TransactionStructMaker;
import io.pgseam.pg.Lsn;
import io.pgseam.record.TransactionRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** Transactions as Debezium's connector reports them: with the schemas of its own classes. */
public final class DebeziumTransactions implements TransactionRecords {

    private final String topic;
    private final StructRecords records;
    private final TransactionStructMaker schemas;

    public DebeziumTransactions(DebeziumSettings settings, String topic) {
        this.topic = topic;
        this.records = new StructRecords(settings.json());
        this.schemas =
                settings.connectorConfig().getTransactionMetadataFactory().getTransactionStructMaker();
    }

    @Override
    public SourceRecord begin(
            long transactionId, Lsn lsn, long timeMicros, Map<String, ?> partition, Map<String, ?> offset) {
        String id = TransactionBlock.id(transactionId, lsn);
        return record(id, value(TransactionStatus.BEGIN, id, timeMicros), partition, offset);
    }

    @Override
    public SourceRecord end(
            long transactionId,
            Lsn lsn,
            long timeMicros,
            long total,
            Map<String, Long> counts,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        String id = TransactionBlock.id(transactionId, lsn);
        List<Struct> collections = new ArrayList<>();
        counts.forEach((collection, count) -> collections.add(new Struct(schemas.getEventCountPerDataCollectionSchema())
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_COLLECTION_KEY, collection)
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_EVENT_COUNT_KEY, count)));
        Struct value = value(TransactionStatus.END, id, timeMicros)
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_EVENT_COUNT_KEY, total)
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_DATA_COLLECTIONS_KEY, collections);
        return record(id, value, partition, offset);
    }

    private Struct value(TransactionStatus status, String id, long timeMicros) {
        return new Struct(schemas.getTransactionValueSchema())
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_STATUS_KEY, status.name())
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_ID_KEY, id)
                .put(
                        TransactionStructMaker.DEBEZIUM_TRANSACTION_TS_MS,
                        Math.floorDiv(timeMicros, TimeUnit.MILLISECONDS.toMicros(1)));
    }

    private SourceRecord record(String id, Struct value, Map<String, ?> partition, Map<String, ?> offset) {
        Struct key = new Struct(schemas.getTransactionKeySchema())
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_ID_KEY, id);
        return records.of(topic, key, value, partition, offset);
    }
}
