package io.pgseam.stream;

import io.pgseam.pg.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Has the server look at the condition of a signal. It is planned and not executed, in a transaction that cannot write. */
final class ConditionCheck {

    /** The author of the condition may have made it hard to plan, or have locked the table. The stream waits meanwhile. */
    private static final String NOT_LONG =
            "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '2s';" + " SET LOCAL lock_timeout = '1s'";

    private static final String BEFORE = " WHERE (";

    private final Connection session;

    ConditionCheck(Connection session) {
        this.session = session;
    }

    /**
     * Why the server would not choose rows by a condition, for the signal's writer.
     *
     * @param columns names of those that the condition may use
     * @param condition its text has no fault
     * @return without any part of the condition, which may have values; null if there is no reason
     * @throws SQLException if the server does not answer
     */
    @Nullable
    String fault(TableId table, Collection<String> columns, RowCondition condition) throws SQLException {
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute(NOT_LONG);
            String fault = functionsFault(condition);
            return fault == null ? planFault(statement, table, columns, condition) : fault;
        } finally {
            session.rollback();
            session.setAutoCommit(true);
        }
    }

    /** A name without a schema leads to pg_catalog only: the search path has nothing else. */
    private @Nullable String functionsFault(RowCondition condition) throws SQLException {
        String sql = "SELECT DISTINCT proname FROM pg_catalog.pg_proc WHERE proname = ANY (?)"
                + " AND pronamespace = 'pg_catalog'::regnamespace"
                + " AND (provolatile = 'v' OR proretset OR prokind <> 'f' OR position('_to_xml' in proname::text) > 0)"
                + " ORDER BY 1";
        Array names = session.createArrayOf("text", condition.functions().toArray());
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            statement.setArray(1, names);
            try (ResultSet found = statement.executeQuery()) {
                return found.next()
                        ? "its function " + found.getString(1)
                                + " does more than to compute a value from the row, or not the same one each time"
                        : null;
            }
        }
    }

    private static @Nullable String planFault(
            Statement statement, TableId table, Collection<String> columns, RowCondition condition)
            throws SQLException {
        String sql = columns.stream()
                        .map(TableId::quoteIdentifier)
                        .collect(Collectors.joining(
                                ", ",
                                "EXPLAIN SELECT FROM (SELECT ",
                                " FROM ONLY " + table.quoted() + ") row_of_table"))
                + BEFORE;
        statement.setEscapeProcessing(false);
        try {
            statement.execute(sql + condition.text() + ")");
            return null;
        } catch (PSQLException e) {
            ServerErrorMessage message = e.getServerErrorMessage();
            String state = String.valueOf(e.getSQLState());
            if (message == null || isOfServer(state)) {
                throw e;
            }
            int position = message.getPosition() - sql.length();
            return "the server does not accept it (" + what(state) + "SQLSTATE " + state
                    + (position > 0 ? ", at its character " + position : "") + ")";
        }
    }

    /** Connections, resources, operators that intervene, internal errors: they say nothing of the condition. */
    private static boolean isOfServer(String state) {
        return List.of("08", "53", "57P", "58", "XX").stream().anyMatch(state::startsWith);
    }

    private static String what(String state) {
        if (PSQLState.UNDEFINED_COLUMN.getState().equals(state)) {
            return "the table has no such column, or it is masked or not captured; ";
        }
        return switch (state) {
            case "42601" -> "a syntax error; ";
            case "42804" -> "it is not true or false; ";
            case "55P03" -> "the table is locked, write the signal again; ";
            default -> "";
        };
    }
}
