package io.pgseam.stream;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.pg.session.Sessions;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.postgresql.jdbc.PgConnection;

/** Asks the catalogue through a session of its own for each question: questions are rare, and sessions are dear. */
public final class SessionCatalog implements SourceCatalog {

    private final Sessions sessions;
    private final Predicate<TableId> tables;
    private final BiPredicate<TableId, String> columns;
    private final Function<TableId, List<String>> messageKeys;
    private final Map<Long, PgType> types = new HashMap<>();

    /**
     * @param tables selects tables
     * @param columns selects columns
     * @param messageKeys names of the columns that are a table's record key; an empty list where its row key is
     */
    public SessionCatalog(
            Sessions sessions,
            Predicate<TableId> tables,
            BiPredicate<TableId, String> columns,
            Function<TableId, List<String>> messageKeys) {
        this.sessions = sessions;
        this.tables = tables;
        this.columns = columns;
        this.messageKeys = messageKeys;
    }

    @Override
    public Optional<CapturedTable> table(long oid) throws SQLException {
        try (PgConnection session = sessions.open("catalog")) {
            Optional<CapturedTable> table = new Catalog(session, messageKeys).table(oid, tables, columns);
            table.ifPresent(found ->
                    found.columns().forEach(column -> types.put(column.type().oid(), column.type())));
            return table;
        }
    }

    @Override
    public boolean isCopying() throws SQLException {
        try (PgConnection session = sessions.open("catalog");
                PreparedStatement statement = session.prepareStatement("SELECT EXISTS (SELECT FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND starts_with(application_name, ?))")) {
            statement.setString(1, sessions.applicationName("copy "));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getBoolean(1);
            }
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
    public List<String> messageKey(TableId table) {
        return messageKeys.apply(table);
    }

    @Override
    public List<Partition> partitions() throws SQLException {
        try (PgConnection session = sessions.open("catalog")) {
            return new RelationCatalog(session).partitions(tables);
        }
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
