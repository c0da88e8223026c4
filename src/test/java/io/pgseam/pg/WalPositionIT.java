package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Where a server says that its WAL ends is where a stream ends. */
class WalPositionIT extends DatabaseScenario {

    private static final long PAGE = 8192;

    @Test
    void endsWithTheRecordThatFillsAPage() throws Exception {
        TestDatabase database = database(18);

        assertEndsBeforeHeader(database, () -> fillPage(database), 24);
    }

    @Test
    void endsWithTheRecordThatFillsAFile() throws Exception {
        TestDatabase database = database(18);

        assertEndsBeforeHeader(
                database,
                () -> {
                    database.query("SELECT pg_switch_wal()::text");
                    return insertLsn(database);
                },
                40);
    }

    private static void assertEndsBeforeHeader(TestDatabase database, Callable<Lsn> fill, int header) throws Exception {
        try (Connection session = database.connect()) {
            Lsn inserted;
            Lsn end;
            do {
                inserted = fill.call();
                end = WalPosition.now(session);
                // The server's own processes may write in between.
            } while (!insertLsn(database).equals(inserted));

            assertThat(end).isEqualTo(new Lsn(inserted.value() - header));
            String onDisk = end.toString();
            Eventually.holds(
                    "the server's log is on disk up to " + onDisk,
                    () -> database.queryOne("SELECT pg_current_wal_flush_lsn()::text")
                            .equals(onDisk));
        }
    }

    /** Writes until a record ends where a page does, and gives what the server calls its position then. */
    private static Lsn fillPage(TestDatabase database) throws SQLException {
        long overhead = 0;
        for (int attempt = 0; attempt < 100; attempt++) {
            long before = insertLsn(database).value();
            // Over 255 bytes, so that every record has the longer form of header.
            long length = overhead == 0 ? 300 : Math.max(300, PAGE - before % PAGE - overhead);
            database.query("SELECT pg_logical_emit_message(false, 'filler', repeat('x', " + length + "))::text");
            Lsn after = insertLsn(database);
            if (after.value() % PAGE == 24) {
                return after;
            }
            if (after.value() / PAGE == before / PAGE) {
                overhead = after.value() - before - length;
            }
        }
        throw new AssertionError("no record ended with a page");
    }

    private static Lsn insertLsn(TestDatabase database) throws SQLException {
        return Lsn.parse(database.queryOne("SELECT pg_current_wal_insert_lsn()::text"));
    }
}
