package io.pgseam.tool.target;

import io.pgseam.pg.TextRow;
import io.pgseam.tool.outcome.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A session with a database at the other end. Not for several threads. */
public interface Target extends AutoCloseable {

    /**
     * Opens a session.
     *
     * @throws CommandFailure if the database cannot be reached, or refuses the user
     */
    static Target open(TargetAddress address, Credentials credentials) {
        return switch (address.kind()) {
            case STARROCKS, DORIS -> MySqlTarget.open(address, credentials);
            case CLICKHOUSE -> ClickHouseTarget.open(address, credentials);
        };
    }

    /** Where it is. */
    TargetAddress address();

    /** What it is. */
    default DatabaseKind kind() {
        return address().kind();
    }

    /** What and where it is, for people: {@code StarRocks at host:9030}. */
    default String name() {
        return address().toString();
    }

    /**
     * Runs a statement that has no answer.
     *
     * @param sql one statement without a semicolon
     * @throws CommandFailure if the database refuses it, or the connection is lost; the message has the statement
     */
    default void execute(String sql) {
        query(sql, row -> {});
    }

    /**
     * Runs a query. Rows are handed over as they arrive, so that an answer may be larger than the memory.
     *
     * @param sql one statement without a semicolon, and for ClickHouse without FORMAT
     * @param rows takes each row; a row stays as it is afterwards
     * @throws CommandFailure as of {@link #execute}; rows that were handed over before are then part of an answer only
     */
    void query(String sql, Consumer<Row> rows);

    /**
     * Runs a query whose answer may have millions of rows. As {@link #query}, but no text is made of a value.
     *
     * @param sql a SELECT, as of {@link #query}
     * @param fields how many columns it has
     * @param rows takes each row; it is another one afterwards
     * @throws CommandFailure as of {@link #execute}
     */
    void scan(String sql, int fields, Consumer<TextRow> rows);

    /** The rows of a small answer. */
    default List<Row> rows(String sql) {
        List<Row> rows = new ArrayList<>();
        query(sql, rows::add);
        return rows;
    }

    @Override
    void close();
}
