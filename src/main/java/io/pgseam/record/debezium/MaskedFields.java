package io.pgseam.record.debezium;

import io.debezium.relational.Column;
import io.debezium.relational.ValueConverter;
import io.debezium.relational.mapping.ColumnMapper;
import io.debezium.relational.mapping.ColumnMappers;
import io.debezium.relational.mapping.MaskStrings;
import io.debezium.relational.mapping.TruncateColumn;
import io.pgseam.pg.TableId;
import io.pgseam.record.mask.ColumnMasks;
import io.pgseam.record.mask.Mask;
import io.pgseam.record.mask.TruncateMask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of a table's masked fields: they have the parameters by which Debezium's connector marks them. Debezium's mappers see to
 * the schemas alone, for values are masked before they come here.
 */
final class MaskedFields {

    private final Map<String, ColumnMapper> mappers = new HashMap<>();

    private MaskedFields() {}

    static MaskedFields of(TableId table, List<io.pgseam.pg.Column> columns, ColumnMasks masks) {
        MaskedFields fields = new MaskedFields();
        for (io.pgseam.pg.Column column : columns) {
            Mask mask = masks.of(table, column.name());
            if (mask != null) {
                fields.mappers.put(
                        column.name(),
                        mask instanceof TruncateMask truncate
                                ? new TruncateColumn(truncate.length())
                                : new MaskStrings(""));
            }
        }
        return fields;
    }

    /** A masked column without its default, which would be in the schema in clear. */
    Column withoutDefault(Column column) {
        return mappers.containsKey(column.name())
                        && column.defaultValueExpression().isPresent()
                ? column.edit().unsetDefaultValueExpression().create()
                : column;
    }

    /** What adds the parameters; null if nothing is masked. */
    @Nullable
    ColumnMappers mappers() {
        return mappers.isEmpty()
                ? null
                : ColumnMappers.build().map(".*", new Parameters()).build();
    }

    /** One for all columns, because Debezium chooses by expressions, and a name can contain anything. */
    private final class Parameters implements ColumnMapper {

        @Override
        public ValueConverter create(Column column) {
            return ValueConverter.passthrough();
        }

        @Override
        public void alterFieldSchema(Column column, SchemaBuilder schema) {
            ColumnMapper mapper = mappers.get(column.name());
            if (mapper != null) {
                mapper.alterFieldSchema(column, schema);
            }
        }
    }
}
