package io.pgseam.benchmark;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.TestDatabase;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** What the server can give at all: rows by COPY and changes by pgoutput, read and thrown away. */
final class RawReads {

    private RawReads() {}

    /**
     * Reads tables by so many sessions at once, each a range of the blocks of each table.
     *
     * @param tables which, as a regular expression
     */
    static void copy(TestDatabase database, String tables, int sessions) throws SQLException {
        List<List<String>> queries = new ArrayList<>();
        for (int number = 0; number < sessions; number++) {
            queries.add(new ArrayList<>());
        }
        try (Connection session = database.connect();
                Statement statement = session.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT oid::regclass::text, pg_relation_size(oid) / current_setting('block_size')::int FROM pg_class"
                                + " WHERE relkind = 'r' AND relname ~ '^" + tables + "$'")) {
            while (found.next()) {
                String table = found.getString(1);
                long blocks = found.getLong(2);
                for (int number = 0; number < sessions; number++) {
                    long first = blocks * number / sessions;
                    long end = number == sessions - 1 ? (1L << 32) - 1 : blocks * (number + 1) / sessions;
                    queries.get(number)
                            .add("COPY (SELECT * FROM ONLY " + table + " WHERE ctid >= '(" + first
                                    + ",0)' AND ctid < '(" + end + ",0)') TO STDOUT");
                }
            }
        }
        queries.stream()
                .map(share -> CompletableFuture.runAsync(() -> copy(database, share)))
                .toList()
                .forEach(CompletableFuture::join);
    }

    private static void copy(TestDatabase database, List<String> queries) {
        long bytes = 0;
        try (Connection session = database.connect()) {
            for (String query : queries) {
                CopyOut copy = session.unwrap(PgConnection.class).getCopyAPI().copyOut(query);
                for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                    bytes += line.length;
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        if (bytes == 0) {
            throw new IllegalStateException("nothing was copied");
        }
    }

    /** Reads a slot up to an LSN. */
    static void stream(TestDatabase database, String slot, String publication, Lsn end) throws SQLException {
        try (Sessions sessions = new Sessions(database.connectionSettings())) {
            PGConnection session = sessions.openReplication("bench");
            PGReplicationStream stream = session.getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(slot)
                    .withStartPosition(LogSequenceNumber.valueOf(0))
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", publication)
                    .start();
            Lsn reached = Lsn.NONE;
            while (reached.isBefore(end)) {
                ByteBuffer message = stream.readPending();
                if (message == null) {
                    stream.forceUpdateStatus();
                }
                reached = new Lsn(stream.getLastReceiveLSN().asLong());
            }
        }
    }
}
