package io.pgseam.tool.verify;

import io.pgseam.capture.SetAside;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.source.CaptureCatalog;
import io.pgseam.tool.source.SourceSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * The captured tables as of one LSN: what was committed before it, and nothing else. LSN and snapshot come from the creation of a temporary
 * slot, as those of an anchor do (invariant I1). While it is open, the source keeps dead rows.
 */
public final class SourceSnapshot implements AutoCloseable {

    /** Going back to it releases the locks of the tables that were read, and keeps the snapshot. */
    private static final String UNLOCKED = "unlocked";

    /** Takes rows. */
    @FunctionalInterface
    interface Taker {
        void take(TextRow row);
    }

    private final Sessions sessions;
    private final SnapshotHolder holder;
    private final PgConnection session;
    private final List<CapturedTable> tables;
    private final Map<Long, SetAside> setAside;

    private SourceSnapshot(
            Sessions sessions,
            SnapshotHolder holder,
            PgConnection session,
            List<CapturedTable> tables,
            Map<Long, SetAside> setAside) {
        this.sessions = sessions;
        this.holder = holder;
        this.session = session;
        this.tables = tables;
        this.setAside = setAside;
    }

    /**
     * Takes a snapshot. Waits for all transactions that are open.
     *
     * @throws CommandFailure if the server cannot be reached, or refuses
     */
    public static SourceSnapshot open(PgSeamSettings settings) {
        Sessions sessions = new Sessions(settings.connection());
        try {
            SnapshotHolder holder =
                    SnapshotHolder.open(sessions, settings.replication().slotName(), SlotLifetime.TEMPORARY);
            PgConnection session = sessions.open("verify");
            if (!SnapshotHolder.imports(session, holder.snapshot(), holder.view())) {
                throw new CommandFailure("the snapshot is gone before it could be read: run the command again");
            }
            CaptureCatalog catalog = new CaptureCatalog(settings, session);
            List<CapturedTable> tables = catalog.tables();
            Map<Long, SetAside> setAside =
                    catalog.setAside().stream().collect(Collectors.toMap(SetAside::oid, Function.identity()));
            try (Statement statement = session.createStatement()) {
                statement.execute("SAVEPOINT " + UNLOCKED);
            }
            return new SourceSnapshot(sessions, holder, session, tables, setAside);
        } catch (SQLException e) {
            sessions.close();
            throw failure(settings.connection().target(), e);
        } catch (RuntimeException e) {
            sessions.close();
            throw e;
        }
    }

    private static CommandFailure failure(String what, SQLException e) {
        return new CommandFailure(what + " did not answer: " + SqlErrors.describe(e), e);
    }

    /** Everything that was committed before it is to be seen. */
    public Lsn lsn() {
        return holder.lsn();
    }

    /** Why a table would be set aside if it were not captured yet; null if it would be captured. */
    public @Nullable SetAside setAside(CapturedTable table) {
        return setAside.get(table.oid());
    }

    /** The captured tables, and those that are set aside. */
    public List<CapturedTable> tables() {
        return tables;
    }

    /**
     * Reads the captured columns of a table's rows.
     *
     * @param rows takes each row; it is another one afterwards
     * @throws CommandFailure if the table was rewritten since, so that the snapshot does not show it any more, or cannot be read
     */
    void read(CapturedTable table, Taker rows) {
        for (Leaf leaf : table.leaves()) {
            try {
                ensureSameFile(leaf);
                copy(
                        select(table, "", "ONLY " + leaf.id().quoted(), ""),
                        table.columns().size(),
                        rows);
                unlock();
            } catch (SQLException e) {
                throw failure("reading " + leaf.id() + ": the source", e);
            }
        }
    }

    /** Finds rows of one table by their keys. */
    @FunctionalInterface
    interface Lookup {

        /**
         * Finds rows.
         *
         * @param condition which rows, as SQL
         * @param rows takes each row: the captured columns, and after them the row's {@code xmin}
         */
        void find(String condition, Taker rows);
    }

    /**
     * Locks a table against a rewrite, as {@link #read} does, and looks rows up.
     *
     * @param work looks up as often as it likes
     * @throws CommandFailure as of {@link #read}
     */
    void lookUp(CapturedTable table, Consumer<Lookup> work) {
        try {
            for (Leaf leaf : table.leaves()) {
                ensureSameFile(leaf);
            }
            boolean plain = table.leaves().size() == 1 && table.leaves().get(0).oid() == table.oid();
            String relation = (plain ? "ONLY " : "") + table.id().quoted();
            work.accept((condition, rows) -> {
                try {
                    copy(
                            select(table, ", xmin", relation, condition),
                            table.columns().size() + 1,
                            rows);
                } catch (SQLException e) {
                    throw failure("looking up rows of " + table.id() + ": the source", e);
                }
            });
            unlock();
        } catch (SQLException e) {
            throw failure("locking " + table.id() + ": the source", e);
        }
    }

    private void unlock() throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("ROLLBACK TO SAVEPOINT " + UNLOCKED);
        }
    }

    /** A TRUNCATE or a rewriting ALTER TABLE takes rows out of every snapshot. The lock comes first: none can come after it. */
    private void ensureSameFile(Leaf leaf) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("LOCK TABLE ONLY " + leaf.id().quoted() + " IN ACCESS SHARE MODE");
            try (ResultSet file = statement.executeQuery(
                    "SELECT relfilenode = pg_relation_filenode(oid) FROM pg_class WHERE oid = " + leaf.oid()
                            + " AND oid = to_regclass('" + leaf.id().quoted().replace("'", "''") + "')")) {
                if (!file.next() || !file.getBoolean(1)) {
                    throw new CommandFailure(
                            "table " + leaf.id()
                                    + " was rewritten, truncated or renamed since the snapshot was taken: run the command again");
                }
            }
        }
    }

    private static String select(CapturedTable table, String more, String relation, String condition) {
        String columns = table.columns().stream()
                .map(column -> TableId.quoteIdentifier(column.name()))
                .collect(Collectors.joining(", "));
        String where = Stream.of(table.rowFilter() == null ? "" : table.rowFilter(), condition)
                .filter(part -> !part.isEmpty())
                .map(part -> "(" + part + ")")
                .collect(Collectors.joining(" AND "));
        return "SELECT " + columns + more + " FROM " + relation + (where.isEmpty() ? "" : " WHERE " + where);
    }

    private void copy(String select, int fields, Taker rows) throws SQLException {
        CopyOut copy = session.getCopyAPI().copyOut("COPY (" + select + ") TO STDOUT");
        CopyRowParser parser = new CopyRowParser(fields);
        TextRow row = new TextRow();
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            parser.parse(line, 0, line.length, row);
            rows.take(row);
        }
    }

    /**
     * Asks the source in the snapshot.
     *
     * @throws CommandFailure if it does not answer
     */
    public <T> T ask(SourceSession.Question<T> question) {
        try {
            return question.ask(session);
        } catch (SQLException e) {
            throw failure("the source", e);
        }
    }

    @Override
    public void close() {
        try {
            holder.close();
        } finally {
            sessions.close();
        }
    }
}
