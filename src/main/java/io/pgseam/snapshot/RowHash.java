package io.pgseam.snapshot;

import java.util.zip.CRC32C;

/**
 * A hash of a set of rows that does not depend on their order: the sum, modulo 2^64, of one 64-bit number for each row. The
 * number is the CRC-32C of the row's line of COPY text (without the line feed), with its length in the upper half, mixed by
 * the finalizer of MurmurHash3. Two readings of the same rows give the same sum, however they are cut into chunks.
 */
final class RowHash {

    private final CRC32C checksum = new CRC32C();

    /** The number of one row. */
    long of(byte[] line, int length) {
        checksum.reset();
        checksum.update(line, 0, length);
        long hash = ((long) length << 32) | checksum.getValue();
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
