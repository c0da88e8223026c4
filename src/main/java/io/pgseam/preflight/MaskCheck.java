package io.pgseam.preflight;

import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelection;
import io.pgseam.config.Fault;
import io.pgseam.config.MaskSettings;
import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.ColumnCatalog;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RelationCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Finds masking rules that mask nothing: most likely a name is misspelt, and its values would be sent in clear. */
final class MaskCheck {

    private MaskCheck() {}

    static void check(
            MaskSettings masks,
            TableSelection selection,
            Connection session,
            Consumer<Fault> faults,
            Consumer<String> warnings)
            throws SQLException {
        if (masks.isEmpty()) {
            return;
        }
        Map<Long, TableId> names = new HashMap<>();
        for (Relation relation : new RelationCatalog(session).relations().values()) {
            if (selection.relations().containsKey(relation.oid())) {
                names.put(relation.oid(), relation.id());
            }
        }
        for (SetAside table : selection.setAside()) {
            names.put(table.oid(), table.table());
        }
        Set<String> columns = new HashSet<>();
        for (Map.Entry<Long, List<Column>> relation :
                new ColumnCatalog(session).columns(names.keySet()).entrySet()) {
            TableId table = names.get(relation.getKey());
            relation.getValue().forEach(column -> columns.add(table + "." + column.name()));
        }
        masks.unmatched(columns).forEach((setting, expressions) -> {
            String text = "no column of a captured table matches " + String.join(", ", expressions)
                    + " (expressions match the whole of schema.table.column)";
            if (masks.refusesUnmatched()) {
                faults.accept(new Fault(
                        setting,
                        text + ". Correct it; or if its table is made later, set " + MaskSettings.UNMATCHED + "=warn"));
            } else {
                warnings.accept("A masking rule has no effect: " + text);
            }
        });
    }
}
