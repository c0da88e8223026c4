package io.pgseam.record.debezium;

import io.debezium.data.Envelope;
import io.debezium.pipeline.txmetadata.TransactionStructMaker;
import io.pgseam.pg.Lsn;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The {@code transaction} block of an event. */
final class TransactionBlock {

    private TransactionBlock() {}

    /** The id that Debezium gives a transaction: each of its events has another one, which ends with the LSN of the event. */
    static String id(long transactionId, Lsn lsn) {
        return transactionId + ":" + lsn.value();
    }

    /** The value with the block, if it has one. */
    static Struct put(Struct value, ChangeWriter change, @Nullable EventOrder order) {
        return order == null ? value : put(value, change.transactionId(), change.lsn(), order);
    }

    /** @param lsn LSN of the event */
    static Struct put(Struct value, long transactionId, Lsn lsn, EventOrder order) {
        Schema schema = value.schema().field(Envelope.FieldName.TRANSACTION).schema();
        return value.put(Envelope.FieldName.TRANSACTION, of(schema, transactionId, lsn, order));
    }

    private static Struct of(Schema schema, long transactionId, Lsn lsn, EventOrder order) {
        return new Struct(schema)
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_ID_KEY, id(transactionId, lsn))
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_TOTAL_ORDER_KEY, order.total())
                .put(TransactionStructMaker.DEBEZIUM_TRANSACTION_DATA_COLLECTION_ORDER_KEY, order.ofCollection());
    }
}
