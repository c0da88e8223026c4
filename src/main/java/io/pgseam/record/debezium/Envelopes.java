package io.pgseam.record.debezium;

import io.debezium.data.Envelope.Operation;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.EventOrder;
import io.pgseam.record.SnapshotPlace;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes the keys and values of a table's records, with one set of schemas. One thread at a time.
 *
 * @param <R> a row as it is read for a record
 */
interface Envelopes<R> {

    /**
     * Reads a row. What is read is valid as long as the row itself is.
     *
     * @param older where unchanged TOASTed values are taken from; null for nowhere
     */
    R row(TextRow row, @Nullable TextRow older);

    /** The same row as if no more were known of it than its key. */
    R keyOnly(R row);

    /** The key of a row; null if the table has none. */
    @Nullable
    Object key(R row);

    /** The schema of keys; null if the table has none. */
    @Nullable
    Schema keySchema();

    /** The schema of a value; null if a record without a value has none. */
    @Nullable
    Schema schemaOf(@Nullable Object value);

    /** The value of a copied row. */
    Object read(R row, SnapshotPlace place, Lsn anchor);

    /**
     * The value of a change; the source block is that of the change at hand.
     *
     * @param order its place in its transaction; null if the value says nothing of that
     */
    Object change(
            Operation operation,
            @Nullable R before,
            @Nullable R after,
            ChangeWriter change,
            @Nullable EventOrder order);

    /** The value of a truncate; {@code order} as for a change. */
    Object truncate(ChangeWriter change, @Nullable EventOrder order);

    /** The size of a record without headers, as {@link io.pgseam.record.RecordSize} counts it, or what it has at least. */
    long size(Object key, Object value);

    /** About how many bytes of memory the record of a row of this many bytes of text takes. */
    long memoryOf(int textBytes);

    /** About how many bytes of memory a record takes whose row has this many bytes of text. */
    long memoryOf(@Nullable Object key, @Nullable Object value, int textBytes);

    /** Whether the schema has to know each value of an enum. */
    boolean needsEnumValues();
}
