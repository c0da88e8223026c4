package io.pgseam.stream;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CompositeTypes;
import io.pgseam.pg.catalog.GoneTables;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.pg.catalog.PresentCatalog;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTables;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.pg.catalog.TypeCatalog;
import io.pgseam.pg.catalog.WalClock;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.SetAsideTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;

/**
 * Asks the catalogue through a session that it opens with the first question. Threads take turns.
 */
public final class SessionCatalog implements SourceCatalog {

    private final Sessions sessions;
    private final Predicate<TableId> tables;
    private final BiPredicate<TableId, String> columns;
    private final Function<TableId, List<String>> messageKeys;
    private final BiPredicate<TableId, String> masked;
    private final SetAsideQuestion setAside;
    private final CoveredTables covered;
    private final Map<Long, PgType> types = new HashMap<>();
    private @Nullable PgConnection session;

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
        this(
                sessions,
                tables,
                columns,
                messageKeys,
                (table, column) -> false,
                (session, unread) -> List.of(),
                CoveredTables.ALL);
    }

    /**
     * @param masked whether a column is masked
     * @param setAside finds the selected tables that are not captured
     * @param covered the tables whose changes are sent
     */
    public SessionCatalog(
            Sessions sessions,
            Predicate<TableId> tables,
            BiPredicate<TableId, String> columns,
            Function<TableId, List<String>> messageKeys,
            BiPredicate<TableId, String> masked,
            SetAsideQuestion setAside,
            CoveredTables covered) {
        this.sessions = sessions;
        this.tables = tables;
        this.columns = columns;
        this.messageKeys = messageKeys;
        this.masked = masked;
        this.setAside = setAside;
        this.covered = covered;
    }

    /** Finds the selected tables that are not captured. */
    public interface SetAsideQuestion {
        /**
         * Finds them.
         *
         * @param unread OIDs of relations of which rows are to be copied
         */
        List<SetAsideTable> ask(Connection session, Set<Long> unread) throws SQLException;
    }

    @Override
    public List<SetAsideTable> setAside(Set<Long> unread) throws SQLException {
        try (PgConnection open = sessions.open("set aside")) {
            return setAside.ask(open, unread);
        }
    }

    @Override
    public SourceCatalog another() {
        return new SessionCatalog(sessions, tables, columns, messageKeys, masked, setAside, covered);
    }

    private interface Question<T> {
        T ask(PgConnection session) throws SQLException;
    }

    private synchronized <T> T ask(Question<T> question) throws SQLException {
        PgConnection open = session;
        if (open == null || open.isClosed()) {
            open = sessions.open("catalog");
            session = open;
        }
        try {
            return question.ask(open);
        } catch (SQLException | RuntimeException e) {
            session = null;
            open.abort(Runnable::run);
            throw e;
        }
    }

    @Override
    public Optional<PresentTable> table(long oid) throws SQLException {
        return ask(open -> new PresentCatalog(open).table(oid));
    }

    @Override
    public PresentTables tables(Collection<Long> oids) throws SQLException {
        return ask(open -> new PresentCatalog(open).tables(oids));
    }

    @Override
    public boolean isCopying() throws SQLException {
        return ask(open -> {
            try (PreparedStatement statement = open.prepareStatement("SELECT EXISTS (SELECT FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND starts_with(application_name, ?))")) {
                statement.setString(1, sessions.applicationName("copy "));
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    return result.getBoolean(1);
                }
            }
        });
    }

    @Override
    public boolean includes(TableId table) {
        return tables.test(table);
    }

    @Override
    public boolean covers(long oid) throws SQLException {
        return covered.isKnown(oid) || ask(open -> covered.coversUnknown(oid, new PresentCatalog(open)));
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
        return ask(open -> new RelationCatalog(open).partitions(tables));
    }

    @Override
    public PublicationVersions published(String publication) throws SQLException {
        return ask(open -> PublicationVersions.read(open, publication));
    }

    @Override
    public Optional<String> fault(long oid, Collection<String> captured, RowCondition condition) throws SQLException {
        Optional<PresentTable> found = table(oid);
        if (found.isEmpty()) {
            return Optional.of("the table was dropped");
        }
        // By what is left out of the topic, or masked there, no condition may choose rows: which are sent would tell of
        // it.
        TableId table = found.get().id();
        List<String> open = found.get().attributes().stream()
                .filter(attribute -> !attribute.dropped())
                .map(PresentTable.Attribute::name)
                .filter(name -> captured.contains(name) && !masked.test(table, name))
                .toList();
        return ask(connected -> Optional.ofNullable(new ConditionCheck(connected).fault(table, open, condition)));
    }

    @Override
    public GoneTables gone(Collection<Long> oids) throws SQLException {
        return ask(open -> new PresentCatalog(open).gone(oids));
    }

    @Override
    public WalClock walClock() throws SQLException {
        return ask(WalClock::read);
    }

    @Override
    public boolean exists(TableId table) throws SQLException {
        return ask(open -> new PresentCatalog(open).exists(table));
    }

    @Override
    public CompositeTypes composites(Collection<Long> oids) throws SQLException {
        return ask(open -> new PresentCatalog(open).composites(oids));
    }

    @Override
    public Optional<PgType> type(long oid) throws SQLException {
        PgType known = types.get(oid);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<PgType> found = ask(open -> find(oid, open));
        found.ifPresent(type -> types.put(oid, type));
        return found;
    }

    private static Optional<PgType> find(long oid, PgConnection open) throws SQLException {
        try {
            return Optional.of(new TypeCatalog(open).type(oid));
        } catch (SQLException e) {
            if (PSQLState.UNDEFINED_OBJECT.getState().equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
