package io.pgseam.snapshot;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.TypeCatalog;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Anchor;
import io.pgseam.snapshot.PlannedTable.PlannedColumn;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.postgresql.jdbc.PgConnection;

/** The types of a plan's columns, as the source has them when a task starts. */
final class PlannedTypes {

    private final Map<Long, PgType> types;

    private PlannedTypes(Map<Long, PgType> types) {
        this.types = types;
    }

    /**
     * Reads them.
     *
     * @throws MisfitException if one of them was dropped: so was the column
     */
    static PlannedTypes load(Sessions sessions, CopyPlan plan, Anchor anchor) throws SQLException, MisfitException {
        Map<Long, PgType> types = new HashMap<>();
        try (PgConnection session = sessions.open("types")) {
            TypeCatalog catalog = new Catalog(session).types();
            catalog.load(plan.tables().stream()
                    .flatMap(table -> table.columns().stream())
                    .map(PlannedColumn::type)
                    .toList());
            for (PlannedTable table : plan.tables()) {
                for (PlannedColumn column : table.columns()) {
                    PgType type = catalog.find(column.type());
                    if (type == null) {
                        throw MisfitException.typeGone(table, column, anchor);
                    }
                    types.put(column.type(), type);
                }
            }
        }
        return new PlannedTypes(types);
    }

    /** The type with this OID, which a column of the plan has. */
    PgType type(long oid) {
        return Objects.requireNonNull(types.get(oid), "a type that no column of the plan has");
    }

    /** The columns of a table of the plan. */
    List<Column> columns(PlannedTable table) {
        return table.columns(this::type);
    }
}
