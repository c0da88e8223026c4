package io.pgseam.record;

import io.pgseam.pg.catalog.CapturedTable;

/** Makes the records of a table in the output format that the user chose. */
@FunctionalInterface
public interface TableRecordsFactory {

    TableRecords recordsOf(CapturedTable table);
}
