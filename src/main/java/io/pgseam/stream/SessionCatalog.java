package io.pgseam.stream;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.session.Sessions;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.postgresql.jdbc.PgConnection;

/** Asks the catalogue through a session of its own for each question: questions are rare, and sessions are dear. */
public final class SessionCatalog implements SourceCatalog {

    private final Sessions sessions;
    private final String publication;
    private final Predicate<TableId> tables;
    private final BiPredicate<TableId, String> columns;
    private final Map<Long, PgType> types = new HashMap<>();

    /**
     * @param publication name of the publication
     * @param tables selects tables
     * @param columns selects columns
     */
    public SessionCatalog(
            Sessions sessions, String publication, Predicate<TableId> tables, BiPredicate<TableId, String> columns) {
        this.sessions = sessions;
        this.publication = publication;
        this.tables = tables;
        this.columns = columns;
    }

    @Override
    public Map<Long, CapturedTable> capturedTables() throws SQLException {
        try (PgConnection session = sessions.open("catalog")) {
            Map<Long, CapturedTable> byOid = new HashMap<>();
            for (CapturedTable table : new Catalog(session).capturedTables(publication, tables, columns)) {
                byOid.put(table.oid(), table);
                table.columns().forEach(column -> types.put(column.type().oid(), column.type()));
            }
            return byOid;
        }
    }

    @Override
    public boolean includes(TableId table) {
        return tables.test(table);
    }

    @Override
    public boolean includes(TableId table, String column) {
        return columns.test(table, column);
    }

    @Override
    public PgType type(long oid) throws SQLException {
        PgType type = types.get(oid);
        if (type == null) {
            try (PgConnection session = sessions.open("catalog")) {
                type = new Catalog(session).types().type(oid);
            }
            types.put(oid, type);
        }
        return type;
    }
}
