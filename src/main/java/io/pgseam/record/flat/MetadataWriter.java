package io.pgseam.record.flat;

import io.pgseam.pg.TableId;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Writes the metadata fields that follow the columns of a value. */
final class MetadataWriter {

    private static final int BILLION = 1_000_000_000;
    private static final long LOW_HALF = 0xFFFF_FFFFL;

    private final MetadataField[] fields;
    private final byte[][] names;
    private final byte[] tableName;
    private final int[] nineDigits = new int[3];

    /** Of the changes that are written; 0 for none. */
    private long transactionId;

    MetadataWriter(TableId table, Set<MetadataField> chosen) {
        fields = chosen.stream().sorted().toArray(MetadataField[]::new);
        names = new byte[fields.length][];
        for (int i = 0; i < fields.length; i++) {
            names[i] = (",\"" + fields[i].fieldName() + "\":").getBytes(StandardCharsets.US_ASCII);
        }
        tableName = table.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Appends the fields, each with a comma before it. */
    void write(boolean deleted, long lsn, long seq, boolean snapshot, long commitTimeMs, JsonBuffer out) {
        for (int i = 0; i < fields.length; i++) {
            out.append(names[i]);
            switch (fields[i]) {
                case OP -> out.append(deleted ? '1' : '0');
                case LSN -> out.appendUnsigned(lsn);
                case SEQ -> out.appendUnsigned(seq);
                case SNAPSHOT -> out.append(snapshot);
                case VER -> writeVersion(lsn, seq, out);
                case DELETED -> out.append(deleted);
                case TS_MS -> writeSigned(commitTimeMs, out);
                case TABLE -> out.appendString(tableName, 0, tableName.length);
                case TXID -> writeTransaction(snapshot, out);
            }
        }
    }

    /** What is written from here on is of this transaction. */
    void inTransaction(long id) {
        transactionId = id;
    }

    private void writeTransaction(boolean snapshot, JsonBuffer out) {
        if (snapshot || transactionId == 0) {
            out.appendNull();
        } else {
            out.appendUnsigned(transactionId);
        }
    }

    private static void writeSigned(long value, JsonBuffer out) {
        if (value < 0) {
            out.append('-');
        }
        out.appendUnsigned(Math.abs(value));
    }

    /**
     * Appends {@code lsn · 2³² + seq} as a string. It needs 96 bits: three digits to the base of 2³², which are divided by
     * 10⁹ until less than that is left.
     */
    private void writeVersion(long lsn, long seq, JsonBuffer out) {
        long low = seq & LOW_HALF;
        long middle = (lsn & LOW_HALF) + (seq >>> 32);
        long high = (lsn >>> 32) + (middle >>> 32);
        middle &= LOW_HALF;
        int groups = 0;
        while (high != 0 || middle != 0 || low >= BILLION) {
            long dividend = high % BILLION << 32 | middle;
            high /= BILLION;
            middle = dividend / BILLION;
            dividend = dividend % BILLION << 32 | low;
            low = dividend / BILLION;
            nineDigits[groups++] = (int) (dividend % BILLION);
        }
        out.append('"');
        out.appendUnsigned(low);
        while (groups > 0) {
            out.appendNineDigits(nineDigits[--groups]);
        }
        out.append('"');
    }
}
