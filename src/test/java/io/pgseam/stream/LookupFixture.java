package io.pgseam.stream;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.RelationColumn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.phase.ShapeHistory;
import io.pgseam.record.JsonForm;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTableRecords;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What tests need to look values up in real tables. */
abstract class LookupFixture {

    static final long MUCH = 16L << 20;

    /** Of a transaction that is long over. */
    static final long OLD_TRANSACTION = 3;

    static final String GONE = "(gone)";

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    final void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    TestDatabase database(int version) throws SQLException {
        TestDatabase database = PostgresServer.shared(version).createDatabase();
        open.add(database);
        return database;
    }

    TableLookups reader(TestDatabase database, String snapshot, String view, long mostBytes) {
        Sessions sessions = new Sessions(database.connectionSettings());
        TableLookups reader = new TableLookups(sessions, snapshot, view, mostBytes, false);
        open.add(sessions);
        open.add(reader);
        return reader;
    }

    /** A table as the stream knows it when the server has just described it, with its primary key as its identity. */
    CapturedRelation relation(TestDatabase database, String table) throws SQLException {
        Sessions sessions = new Sessions(database.connectionSettings());
        open.add(sessions);
        SessionCatalog catalog = new SessionCatalog(sessions, any -> true, (any, column) -> true, any -> List.of());
        CapturedRelations relations = new CapturedRelations(
                catalog,
                new TablesAhead(catalog, List.of()),
                xid -> {},
                new CompositeForms(
                        catalog,
                        oid -> CompositeHistory.EMPTY,
                        new ControlRecords("shop", "shop.seam", JsonForm.BYTES, Clock.systemUTC()),
                        "shop",
                        0),
                (id, columns) -> new FlatTableRecords(
                        id,
                        "shop." + id,
                        columns,
                        FlatSettings.defaults(),
                        false,
                        false,
                        new UnrepresentableValues(Clock.systemUTC())),
                oid -> ShapeHistory.EMPTY);
        Relation message = message(database, table);
        relations.describe(message);
        CapturedRelations.Taken taken =
                Objects.requireNonNull(relations.take(message.oid(), ChangeId.startOf(Lsn.NONE), OLD_TRANSACTION));
        relations.adopt(taken, ShapeHistory.EMPTY);
        CapturedRelation relation = relations.find(message.oid());
        if (relation == null) {
            throw new AssertionError(table + " is not captured");
        }
        return relation;
    }

    private static Relation message(TestDatabase database, String table) throws SQLException {
        List<RelationColumn> columns = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT n.nspname, c.relname, c.oid, a.attname, a.atttypid, a.atttypmod, EXISTS (SELECT FROM pg_index i"
                                + " WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))"
                                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON"
                                + " a.attrelid = c.oid WHERE c.oid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped"
                                + " ORDER BY a.attnum")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                TableId id = null;
                long oid = 0;
                while (rows.next()) {
                    id = new TableId(rows.getString(1), rows.getString(2));
                    oid = rows.getLong(3);
                    columns.add(
                            new RelationColumn(rows.getBoolean(7), rows.getString(4), rows.getLong(5), rows.getInt(6)));
                }
                if (id == null) {
                    throw new AssertionError("there is no table " + table);
                }
                return new Relation(oid, id, ReplicaIdentity.DEFAULT, columns);
            }
        }
    }

    static Lookup lookup(CapturedRelation relation, String column, String... key) {
        for (int field = 0; field < relation.columns().size(); field++) {
            if (relation.columns().get(field).name().equals(column)) {
                return new Lookup(relation, OLD_TRANSACTION, new Lsn(500), List.of(key), new int[] {field});
            }
        }
        throw new AssertionError("there is no column " + column);
    }

    /** What one column of some rows has, as far as one call goes. */
    static List<String> answers(TableLookups reader, List<Lookup> lookups) throws SQLException {
        reader.answer(lookups, () -> {});
        return lookups.stream()
                .takeWhile(Lookup::isAnswered)
                .map(LookupFixture::only)
                .toList();
    }

    static List<String> answers(TableLookups reader, Lookup... lookups) throws SQLException {
        return answers(reader, Arrays.asList(lookups));
    }

    /** Why the table of a lookup could not be read; null if it was. */
    static @Nullable String refusal(TableLookups reader, Lookup lookup) throws SQLException {
        reader.answer(List.of(lookup), () -> {});
        return lookup.refusal();
    }

    static String only(Lookup lookup) {
        TextRow values = lookup.values();
        return values == null ? GONE : values.isNull(0) ? "NULL" : values.text(0);
    }

    <T extends AutoCloseable> T keepOpen(T resource) {
        open.add(resource);
        return resource;
    }
}
