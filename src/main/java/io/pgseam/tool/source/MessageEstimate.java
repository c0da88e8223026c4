package io.pgseam.tool.source;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.catalog.CapturedTable;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/** Estimates how large a table's messages are in the flat format, before compression. Right to some ten percent, not exact. */
final class MessageEstimate {

    /** Quotes, colon and comma of a field. */
    private static final int FIELD = 4;

    /** Digits of a metadata field, and of an integer. */
    private static final int NUMBER = 8;

    /** Kafka's own bytes of a record: lengths, timestamp and offset deltas. */
    private static final int RECORD = 12;

    /** If a column has no statistics. */
    private static final double UNKNOWN_WIDTH = 16;

    private final CapturedTable table;
    private final Collection<String> metadataFields;

    MessageEstimate(CapturedTable table, Collection<String> metadataFields) {
        this.table = table;
        this.metadataFields = metadataFields;
    }

    /** @param widths average bytes by column, as the server stores them */
    double bytes(Map<String, Double> widths) {
        double bytes = RECORD + 2;
        for (Column column : table.columns()) {
            double field = name(column.name()) + text(column.type().underlying(), width(widths, column));
            bytes += column.isKey() ? 2 * field : field;
        }
        for (String field : metadataFields) {
            bytes += name(field) + NUMBER;
        }
        return bytes;
    }

    private static double width(Map<String, Double> widths, Column column) {
        return widths.getOrDefault(column.name(), UNKNOWN_WIDTH);
    }

    private static int name(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length + FIELD;
    }

    private static double text(PgType type, double width) {
        return switch (type.name()) {
            case "bool" -> 5;
            case "int2", "int4", "int8", "oid" -> NUMBER;
            case "float4", "float8" -> 12;
            case "date" -> 12;
            case "timestamp", "timestamptz" -> 28;
            case "uuid" -> 38;
            case "numeric" -> 2 * width + 2;
            case "bytea" -> width * 4 / 3 + 2;
            case "json", "jsonb" -> width;
            default -> type.kind() == PgType.Kind.ARRAY ? width * 3 / 2 : width + 2;
        };
    }
}
